import type { Mandate } from '@binnacle/runtime';
import { keyOf } from '../../hazelcast/members/see.ts';
import { whyNot } from './observe.ts';
import type { Doors, Ways } from './observe.ts';

/** What one member told: the cluster's state, after it was made ACTIVE if it had to be. */
export type Heard = { readonly clusterState: string } | { readonly problem: string };

/**
 * Makes the cluster ACTIVE if it is PASSIVE, through whichever member answers: one that is down, starting or ending must not keep the others PASSIVE, in which
 * they let nobody in and take no writes.
 */
export async function activate({ hz, pods }: Ways, doors: Doors, mandate: Mandate): Promise<Heard> {
  const problems: string[] = [];
  for (const { name, ip } of pods.toSorted((a, b) => Number(b.ready) - Number(a.ready))) {
    try {
      const { clusterState } = await doors.members.health(ip, mandate.signal);
      if (clusterState !== 'PASSIVE') return { clusterState };
      await doors.members.changeState(keyOf(hz), ip, 'ACTIVE', mandate);
      return { clusterState: 'ACTIVE' };
    } catch (error) {
      problems.push(`${name}: ${whyNot(error)}`);
    }
  }
  return { problem: problems.length === 0 ? 'no member is there' : problems.join(', ') };
}
