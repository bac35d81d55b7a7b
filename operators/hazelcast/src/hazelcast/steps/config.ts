import type { Live } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { done, step, stop } from '@binnacle/runtime';
import { PAUSED_ONLY, hasFormed } from '../../api/check/update.ts';
import { Hazelcast } from '../../api/hazelcast.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import type { Members } from '../../protocol/members.ts';
import { HotBackup } from '../../api/hot-backup.ts';
import { adopted, carriedSections, configuration, rollout, storedRollout } from '../config/configuration.ts';
import { mergeCustom, parseCustom } from '../config/custom.ts';
import { emit, emitSorted } from '../config/emit.ts';
import { downloads } from '../config/init.ts';
import { baseDirOf, memberConfig } from '../config/member.ts';
import type { BaseDir, Sections } from '../config/member.ts';
import { sectionsIn } from '../config/read.ts';
import { isPaused, tlsOf } from '../effective.ts';
import { emptyKeystore, isEncrypted, keystore } from '../keystore.ts';
import { entryOf, keyOf } from '../members/see.ts';
import { AGENT_CERT, CUSTOM_CONFIG_OVERWRITE, ROLLOUT, selectorOf } from '../names.ts';
import { restoreSource } from './restore-source.ts';
import { agentSecret, configSecret, initConfigMap, yamlOf } from '../objects/config.ts';
import { Pod } from '../../pod.ts';

/**
 * What members and their agents read at start. The Secret is read before it is written: it tells where an older cluster has its data, and what members run
 * with. What follows for them is noted in the same write, so that no crash comes between.
 */
export const config = (members: Members) =>
  step('config', Hazelcast, { owns: [Secret, ConfigMap], reads: [HotBackup, Pod] }, async (hz, cx) => {
    const backup = await restoreSource(hz, cx);
    if (backup !== undefined && 'type' in backup) return backup;
    const live = await cx.get(Secret, hz.metadata.name);
    const yaml = yamlOf(live);
    const dir = baseDirOf(yaml);
    const custom = hz.spec.customConfigCmName ? await cx.get(ConfigMap, hz.spec.customConfigCmName) : undefined;
    const noted = storedRollout(live?.metadata.annotations?.[ROLLOUT]);
    const carried = carriedSections(yaml, noted, memberSections(hz, dir, custom));
    const sections = memberSections(hz, dir, custom, carried);
    const text = textOf(sections, custom);
    const apart = text === yaml ? undefined : wouldPart(hz, yaml, sections);
    if (apart !== undefined && (await cx.list(Pod, { labels: selectorOf(hz) })).length > 0) return stop('NeedsPause', apart);
    const store = await keystore(hz, live, noted?.restart ?? '', cx);
    if (store !== undefined && 'type' in store) return store;
    const wanted = configuration(sections, downloads(hz), store?.fingerprint ?? '');
    const before = noted ?? adopted(yaml, sections, wanted, store === undefined || store.same);
    const note = { ...rollout(before, wanted), ...(Object.keys(carried).length === 0 ? {} : { carried: Object.keys(carried) }) };
    const secret = await cx.apply(Secret, configSecret(hz, text, note, store?.bytes ?? emptyKeystore(live)));
    members.secure(keyOf(hz), entryOf(hz, secret));
    await cx.apply(ConfigMap, initConfigMap(hz, dir, backup));
    // Of no owner: every cluster of the namespace mounts it, and would lose it with the one that made it.
    await cx.ensure(Secret, AGENT_CERT, () => agentSecret(cx.clock.now()), { owner: 'none' });
    return done;
  });

/** Why members with these sections would form no cluster with those that run with `yaml`; undefined: they would, or there is no data to part from. */
function wouldPart(hz: Cluster, yaml: string | undefined, sections: Sections): string | undefined {
  if (yaml === undefined || !hasFormed(hz) || isPaused(hz)) return undefined;
  const running = sectionsIn(yaml)['cluster-name'];
  if (running !== sections['cluster-name']) return `spec.clusterName: Forbidden: ${PAUSED_ONLY}`;
  return isEncrypted(yaml) === (tlsOf(hz) !== undefined) ? undefined : `spec.tls: Forbidden: ${PAUSED_ONLY}`;
}

type Custom = Live<typeof ConfigMap> | undefined;

/** The text of `hazelcast.yaml`, with the user's own sections. */
export function configYaml(hz: Cluster, dir: BaseDir, custom: Custom): string {
  return textOf(memberSections(hz, dir, custom), custom);
}

function textOf(sections: Sections, custom: Custom): string {
  const document = { hazelcast: sections };
  return custom?.data?.['hazelcast'] === undefined ? emit(document) : emitSorted(document);
}

function memberSections(hz: Cluster, dir: BaseDir, custom: Custom, carried: Sections = {}): Sections {
  const ours = { ...memberConfig(hz, dir), ...carried };
  const text = custom?.data?.['hazelcast'];
  if (text === undefined) return ours;
  return mergeCustom(ours, parseCustom(text), custom?.metadata.annotations?.[CUSTOM_CONFIG_OVERWRITE] === 'true');
}
