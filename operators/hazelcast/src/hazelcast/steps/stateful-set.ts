import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { HotBackup } from '../../api/hot-backup.ts';
import { holdsMembers } from '../../backup-state.ts';
import type { Members } from '../../protocol/members.ts';
import { storedRollout } from '../config/configuration.ts';
import { nextLook, see } from '../members/see.ts';
import { podsFailing } from '../members/verdict.ts';
import { ROLLOUT, TEMPLATE_HASH, selectorOf } from '../names.ts';
import { statefulSet as build } from '../objects/stateful-set.ts';
import { moves, observe, refusedVersion, templateHash } from '../rollout/observe.ts';
import { plan } from '../rollout/plan.ts';
import type { Turns } from '../../turns.ts';
import { Pod } from '../../pod.ts';

/** How long until a member that is to leave or restart is looked at again; ms. Nothing that is watched tells when copies are complete. */
const AGAIN_MS = 2_000;

/** The members. How many and which may restart is decided by `plan`; everything else follows from the spec. */
export const statefulSet = (options: { readonly members: Members; readonly turns: Turns; readonly phoneHome: boolean }) =>
  step('statefulSet', Hazelcast, { owns: [StatefulSet], reads: [HotBackup, Pod, Secret] }, async (hz, cx) => {
    const live = await cx.get(StatefulSet, hz.metadata.name);
    const pods = await cx.list(Pod, { labels: selectorOf(hz) });
    const refused = refusedVersion(hz, live, pods);
    if (refused !== undefined) {
      await see(hz, cx, options.members, { heldUp: true });
      return stop('VersionRefused', `spec.version: Forbidden: ${refused}`, nextLook(cx.clock));
    }
    const noted = await cx.get(Secret, hz.metadata.name);
    const how = { phoneHome: options.phoneHome, configuration: storedRollout(noted?.metadata.annotations?.[ROLLOUT])?.restart ?? '' };
    const { template } = build(hz, { replicas: 0, ...how }, live).spec ?? {};
    const backups = await cx.list(HotBackup);
    const moving = moves(hz, live, pods);
    // Until the StatefulSet tells of it no backup begins.
    using turn = moving ? options.turns.stop(hz, backups) : undefined;
    const taken = backups.find((hb) => holdsMembers(hb, hz, cx.clock.now()));
    const begins = moving && turn === undefined ? 'a HotBackup that begins' : undefined;
    const backup = taken === undefined ? begins : `HotBackup '${taken.metadata.name}'`;
    const next = plan(await observe(hz, live, pods, template, { members: options.members, signal: cx.signal }, { moving, backup }));

    const wanted = build(hz, { ...next, ...how }, live);
    await cx.apply(StatefulSet, { ...wanted, annotations: { ...wanted.annotations, [TEMPLATE_HASH]: templateHash(template) } });
    if (next.waiting === undefined) return done;
    const moved = live?.spec?.replicas !== next.replicas || (live.spec.updateStrategy?.rollingUpdate?.partition ?? 0) > next.partition;
    if (moved && next.waiting.reason === 'ScalingIn') cx.event('Normal', 'MemberLeaves', next.waiting.message, 'Scale');
    if (moved && next.waiting.reason === 'RollingUpdate') cx.event('Normal', 'MemberRestarts', next.waiting.message, 'Update');
    // Whoever waits for a member that cannot come up waits for ever: that comes first.
    const failing = podsFailing((await see(hz, cx, options.members)).seen);
    if (failing !== undefined) return waitFor('PodsFailing', `${failing}; meanwhile ${next.waiting.message}`, { afterMs: AGAIN_MS });
    return waitFor(next.waiting.reason, next.waiting.message, { afterMs: AGAIN_MS });
  });
