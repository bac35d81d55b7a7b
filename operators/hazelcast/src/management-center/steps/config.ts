import { jsonEqual } from '@binnacle/schema';
import { Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { knownClusters } from '../clusters.ts';
import { configSecret } from '../objects.ts';
import { storesOf } from '../stores.ts';

/** What is noted must be written before the pod is told: hence another pass, at once; ms. */
const AT_ONCE_MS = 10;

/** How it connects to its clusters; and a note of them, so that one that is taken out of the spec later is taken out of its data too. */
export const config = step('config', ManagementCenter, { owns: [Secret], reads: [Secret] }, async (mc, cx) => {
  const { stores } = await storesOf(mc, async (name) => await cx.get(Secret, name));
  await cx.apply(Secret, configSecret(mc, stores));
  const known = knownClusters(mc, stores);
  if (jsonEqual(known, mc.status?.clusters ?? [])) return done;
  cx.status({ clusters: known.length === 0 ? undefined : [...known] });
  return waitFor('Noting', 'the clusters are written down', { afterMs: AT_ONCE_MS });
});
