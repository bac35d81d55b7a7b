import { PodDisruptionBudget } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { COMPONENTS, labelsOf, namesOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';

/**
 * Whoever drains a node takes one pod of each component at a time, and the next one only when that pod is ready again. One, whatever the number of replicas:
 * a single front end can be drained as well, with the pause that its owner chose; a budget that allows none would hold up every drain for ever.
 */
export const disruptionBudgets = step('disruptionBudgets', DorisCluster, { owns: [PodDisruptionBudget] }, async (object, cx) => {
  const { name, spec } = clusterFrom(object);
  for (const component of COMPONENTS) {
    if (spec[component] === undefined) continue;
    const labels = labelsOf(name, component);
    await cx.apply(PodDisruptionBudget, { name: namesOf(name, component).statefulSet, labels, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } });
  }
  return done;
});
