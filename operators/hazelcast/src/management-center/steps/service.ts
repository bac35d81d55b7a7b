import { Ingress, Service } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { ingress, service as build } from '../objects.ts';

/** The Service, and the Ingress if one is wanted; one that is no longer wanted is pruned. */
export const service = step('service', ManagementCenter, { owns: [Service, Ingress] }, async (mc, cx) => {
  await cx.apply(Service, build(mc));
  const wanted = ingress(mc);
  if (wanted !== undefined) await cx.apply(Ingress, wanted);
  return done;
});
