import type { Pass } from '@binnacle/runtime';
import type { Cluster } from '../api/hazelcast.ts';
import type { Phase, Status } from '../api/status.ts';
import { isPaused } from './effective.ts';

/** Waits in which something is wrong that a person must mend. */
const FAULTS = ['PodsFailing', 'InvalidSpec', 'NotFound'];

/** Waits in which all members are up and serve: Running in the existing operator's words, while `Ready` waits for more. */
const SERVING = ['Rebalancing'];

/** `phase` and `message` from how a pass ended. A wait for something broken is Failed, as in the existing operator. Pure. */
export function report(hz: Cluster, pass: Pass): Pick<Status, 'phase' | 'message'> {
  const { outcome } = pass;
  if (outcome.type === 'gone') return {};
  const message = outcome.type === 'done' ? '' : outcome.message;
  return { phase: phaseOf(hz, outcome), message };
}

function phaseOf(hz: Cluster, outcome: Exclude<Pass['outcome'], { readonly type: 'gone' }>): Phase {
  if (hz.metadata.deletionTimestamp !== undefined) return 'Terminating';
  switch (outcome.type) {
    case 'done':
      return isPaused(hz) ? 'Paused' : 'Running';
    case 'wait':
      return FAULTS.includes(outcome.reason) ? 'Failed' : SERVING.includes(outcome.reason) ? 'Running' : 'Pending';
    case 'stop':
    case 'error':
      return 'Failed';
  }
}
