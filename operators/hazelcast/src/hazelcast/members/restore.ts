import type { DeepReadonly } from '@binnacle/client';
import { hasFormed } from '../../api/check/update.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import type { Status } from '../../api/status.ts';
import { given } from '../../given.ts';
import { isPaused } from '../effective.ts';
import { faultOf } from './pods.ts';
import type { Seen } from './status.ts';

type Restore = DeepReadonly<NonNullable<Status['restore']>>;

/**
 * `status.restore`; undefined: there is nothing to tell. What members say counts. Where none tells, nobody would ever end an `InProgress`: it is over with the
 * wish, with the last pod, and as `Failed` with a pod that cannot come up, of which there is one where what is to be restored is not there. Pure.
 */
export function restoreOf(hz: Cluster, seen: readonly Seen[]): Restore | undefined {
  const told = restoreStatus(seen);
  if (told !== undefined) return told;
  const wished = hz.spec.persistence?.restore !== undefined;
  const before = hz.status?.restore;
  const failing = seen.some(({ pod }) => faultOf(pod) !== undefined);
  if (!hasFormed(hz)) return !wished || isPaused(hz) ? undefined : { state: failing ? 'Failed' : 'InProgress' };
  // They answer and know of no recovery: it is long over.
  if (seen.some(({ state }) => state !== undefined)) return wished ? { state: 'Succeeded' } : undefined;
  if (before?.state !== 'InProgress') return before;
  if (seen.length === 0) return undefined;
  return failing ? { state: 'Failed' } : before;
}

const STATES = { SUCCEEDED: 'Succeeded', IN_PROGRESS: 'InProgress', FAILED: 'Failed' } as const;

/** What a member says of it; undefined when none says anything of the kind. */
export function restoreStatus(seen: readonly Seen[]): Restore | undefined {
  const told = seen.find(({ state }) => state !== undefined && state.hotRestart.status in STATES)?.state?.hotRestart;
  if (told === undefined) return undefined;
  const seconds = (ms: number) => (ms < 0 ? undefined : Math.floor(ms / 1000));
  return given({
    state: STATES[told.status as keyof typeof STATES], // sound: `in` above
    remainingValidationTime: seconds(told.remainingValidationMs),
    remainingDataLoadTime: seconds(told.remainingDataLoadMs),
  });
}
