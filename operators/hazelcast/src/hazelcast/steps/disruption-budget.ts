import { PodDisruptionBudget } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { metaOf, selectorOf } from '../names.ts';

/** Whoever drains nodes takes one member at a time: with one copy of each partition, two at once lose data. */
export const disruptionBudget = step('disruptionBudget', Hazelcast, { owns: [PodDisruptionBudget] }, async (hz, cx) => {
  await cx.apply(PodDisruptionBudget, { ...metaOf(hz), spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(hz) } } });
  return done;
});
