import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { isClaimOf, requested } from '../claim.ts';
import { grow } from '../grow.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { claims } from '../objects/storage.ts';

/**
 * Lets the volumes of front ends and back ends grow in place. The template of a StatefulSet cannot change, so that nodes that come later begin with the first
 * size and grow here as well.
 */
export const volumes = (name: 'fe' | 'be') =>
  step(`${name}Volumes`, DorisCluster, { owns: [PersistentVolumeClaim] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec[name] === undefined) return done;
    const wanted = claims(cluster, name).map(({ metadata, spec }) => ({
      field: `spec.${name}`,
      storage: requested({ spec }),
      isOurs: (claim: string) => isClaimOf(cluster, name, metadata?.name ?? '', claim),
    }));
    return (await grow(wanted, cx)) ?? done;
  });
