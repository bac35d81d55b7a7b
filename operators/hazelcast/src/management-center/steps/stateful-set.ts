import { StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { statefulSet as build } from '../objects.ts';

/** The pod, and its volume. */
export const statefulSet = (options: { readonly phoneHome: boolean }) =>
  step('statefulSet', ManagementCenter, { owns: [StatefulSet] }, async (mc, cx) => {
    await cx.apply(StatefulSet, build(mc, options, await cx.get(StatefulSet, mc.metadata.name)));
    return done;
  });
