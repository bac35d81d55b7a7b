import { Service } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { isPaused, isSmart } from '../effective.ts';
import { hasAddress, memberService } from '../objects/services.ts';

/**
 * One Service per member, so that a smart client outside the cluster reaches each member by an address of its own.
 * Waits for all: a member started without one advertises an address that nobody outside can reach. Source: spec/hazelcast-core.md §2.6.
 */
export const servicePerPod = step('servicePerPod', Hazelcast, { owns: [Service] }, async (hz, cx) => {
  if (!isSmart(hz)) return done; // owned here and not applied: the runtime prunes it
  // Paused is not gone: pruning would give back external addresses that clients have in their configuration.
  if (isPaused(hz)) return cx.keep(Service);
  const missing: string[] = [];
  for (let ordinal = 0; ordinal < hz.spec.clusterSize; ordinal++) {
    const made = await cx.apply(Service, memberService(hz, ordinal));
    if (!hasAddress(made)) missing.push(made.metadata.name);
  }
  return missing.length === 0 ? done : waitFor('AddressPending', `no external address yet: ${missing.join(', ')}`);
});
