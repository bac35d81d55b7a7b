import { Service } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { mainService, mustReplace, wanServices } from '../objects/services.ts';

/** The Service that members and clients know, and one for each WAN endpoint. A headless Service cannot be exposed: then it is made anew, as it always was. */
export const service = step('service', Hazelcast, { owns: [Service] }, async (hz, cx) => {
  let live = await cx.get(Service, hz.metadata.name);
  if (mustReplace(hz, live)) {
    await cx.delete(Service, hz.metadata.name);
    live = undefined;
  }
  await cx.apply(Service, mainService(hz, live));
  for (const wan of wanServices(hz)) await cx.apply(Service, wan);
  return done;
});
