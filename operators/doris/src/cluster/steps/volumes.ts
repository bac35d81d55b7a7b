import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import type { Context } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { isClaimOf, requested } from '../claim.ts';
import { cannotGrow, doesNotGrow, grow, tooSmall } from '../grow.ts';
import type { Growth } from '../grow.ts';
import { labelsOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { claims } from '../objects/storage.ts';

type Reading = Pick<Context<typeof DorisCluster, never, typeof PersistentVolumeClaim>, 'list'>;

const CONDITIONS = { fe: 'FrontEndVolumesAsWanted', be: 'BackEndVolumesAsWanted' } as const;

/**
 * Lets the volumes of front ends and back ends grow in place. The template of a StatefulSet cannot change, so that nodes that come later begin with the first
 * size and grow here as well. A volume that is not let grow is told, and holds up nothing else: see volumesGrown.
 */
export const volumes = (name: 'fe' | 'be') =>
  step(`${name}Volumes`, DorisCluster, { owns: [PersistentVolumeClaim] }, async (object, cx) => {
    const outcome = await grow(await growth(clusterFrom(object), name, cx), cx);
    if (outcome?.type === 'wait') cx.condition(CONDITIONS[name], false, outcome.reason, outcome.message);
    return done;
  });

/** The very last step: what was asked for in this pass and refused is asked for again later, and until then the cluster is not what its spec says. */
export const volumesGrown = step('volumesGrown', DorisCluster, { reads: [PersistentVolumeClaim] }, async (object, cx) => {
  const cluster = clusterFrom(object);
  const small = tooSmall([...(await growth(cluster, 'fe', cx)), ...(await growth(cluster, 'be', cx))]);
  if (small.length === 0) return done;
  return cannotGrow(
    small.map((one) => `${doesNotGrow(one)}: the storage class or a quota refuses it, see the condition ${CONDITIONS[one.field === 'spec.fe' ? 'fe' : 'be']}`),
  );
});

async function growth(cluster: Cluster, name: 'fe' | 'be', cx: Reading): Promise<readonly Growth[]> {
  if (cluster.spec[name] === undefined) return [];
  const there = await cx.list(PersistentVolumeClaim, { labels: labelsOf(cluster.name, name) });
  return claims(cluster, name).map(({ metadata, spec }) => ({
    field: `spec.${name}`,
    storage: requested({ spec }),
    claims: there.filter((claim) => isClaimOf(cluster, name, metadata?.name ?? '', claim.metadata.name)),
  }));
}
