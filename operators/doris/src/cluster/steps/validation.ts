import { done, step, stop } from '@binnacle/runtime';
import { faults } from '../../api/check.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { clusterFrom } from '../objects/cluster.ts';

/** Refuses what could never come up, before anything is written. The same rules as at admission: an object may be older than they are. */
export const validation = step('validation', DorisCluster, {}, async (object) => {
  const { spec } = clusterFrom(object);
  const found = [...faults(spec, spec)];
  return await Promise.resolve(found.length === 0 ? done : stop('InvalidSpec', found.map(({ field, message }) => `${field}: ${message}`).join('; ')));
});
