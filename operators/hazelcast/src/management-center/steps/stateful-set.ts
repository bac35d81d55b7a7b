import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { statefulSet as build } from '../objects.ts';
import { storesOf } from '../stores.ts';

/** The pod, and its volume. */
export const statefulSet = (options: { readonly phoneHome: boolean; readonly openShift: boolean }) =>
  step('statefulSet', ManagementCenter, { owns: [StatefulSet], reads: [Secret] }, async (mc, cx) => {
    const { stores } = await storesOf(mc, async (name) => await cx.get(Secret, name));
    const around = { ...options, stores, clusters: mc.status?.clusters ?? [] };
    await cx.apply(StatefulSet, build(mc, around, await cx.get(StatefulSet, mc.metadata.name)));
    return done;
  });
