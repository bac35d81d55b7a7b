import type { Live } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { mergeCustom, parseCustom } from '../config/custom.ts';
import { emit, emitSorted } from '../config/emit.ts';
import { baseDirOf, memberConfig } from '../config/member.ts';
import type { BaseDir } from '../config/member.ts';
import { AGENT_CERT, CUSTOM_CONFIG_OVERWRITE } from '../names.ts';
import { CONFIG_KEY, agentSecret, configSecret, initConfigMap } from '../objects/config.ts';

/** What members and their agents read at start. The Secret is read before it is written: it tells where an older cluster has its data. */
export const config = step('config', Hazelcast, { owns: [Secret, ConfigMap] }, async (hz, cx) => {
  const dir = baseDirOf(yamlOf(await cx.get(Secret, hz.metadata.name)));
  const custom = hz.spec.customConfigCmName ? await cx.get(ConfigMap, hz.spec.customConfigCmName) : undefined;
  await cx.apply(Secret, configSecret(hz, configYaml(hz, dir, custom)));
  await cx.apply(ConfigMap, initConfigMap(hz, dir));
  // Of no owner: every cluster of the namespace mounts it, and would lose it with the one that made it.
  await cx.ensure(Secret, AGENT_CERT, () => agentSecret(cx.clock.now()), { owner: 'none' });
  return done;
});

/** The text of `hazelcast.yaml`, with the user's own sections. */
export function configYaml(hz: Cluster, dir: BaseDir, custom: Live<typeof ConfigMap> | undefined): string {
  const ours = memberConfig(hz, dir);
  const text = custom?.data?.['hazelcast'];
  if (text === undefined) return emit({ hazelcast: ours });
  const overwrite = custom?.metadata.annotations?.[CUSTOM_CONFIG_OVERWRITE] === 'true';
  return emitSorted({ hazelcast: mergeCustom(ours, parseCustom(text), overwrite) });
}

function yamlOf(secret: Live<typeof Secret> | undefined): string | undefined {
  const data = secret?.data?.[CONFIG_KEY];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}
