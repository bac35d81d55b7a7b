import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { HazelcastEndpoint } from '../../api/hazelcast-endpoint.ts';
import { isPaused, isSmart } from '../effective.ts';
import { endpoints } from '../objects/endpoints.ts';

/** The addresses for clients outside, as objects. Where they lead to is found out by their own controller, as Services get their addresses. */
export const endpointObjects = step('endpoints', Hazelcast, { owns: [HazelcastEndpoint] }, async (hz, cx) => {
  for (const endpoint of endpoints(hz)) await cx.apply(HazelcastEndpoint, endpoint);
  // Their Services stay while the cluster is paused.
  return isSmart(hz) && isPaused(hz) ? cx.keep(HazelcastEndpoint) : done;
});
