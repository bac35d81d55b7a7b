import { ApiError } from '@binnacle/client';
import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { LOOK_LATER_MS } from '../doris.ts';
import { claimAs, isLarger, isClaimOf, requested } from '../claim.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { claims } from '../objects/storage.ts';

/**
 * Lets the volumes of front ends and back ends grow in place. The template of a StatefulSet cannot change, so that nodes that come later begin with the first
 * size and grow here as well. A claim that is large enough is left alone: somebody may have grown it by hand. None is ever made smaller.
 */
export const volumes = (name: 'fe' | 'be') =>
  step(`${name}Volumes`, DorisCluster, { owns: [PersistentVolumeClaim] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec[name] === undefined) return done;
    const there = await cx.list(PersistentVolumeClaim);
    for (const { metadata, spec } of claims(cluster, name)) {
      const storage = requested({ spec });
      for (const claim of there) {
        if (!isClaimOf(cluster, name, metadata?.name ?? '', claim.metadata.name) || !isLarger(storage, requested(claim))) continue;
        try {
          await cx.apply(PersistentVolumeClaim, claimAs(claim, { storage }), { owner: 'none' });
        } catch (error) {
          // The storage class does not allow it, or a quota; somebody may change either.
          if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 422)) throw error;
          const message = `spec.${name}: claim ${claim.metadata.name} does not grow to ${storage}: ${error.message}`;
          return waitFor('VolumeCannotGrow', message, { afterMs: LOOK_LATER_MS });
        }
        cx.event('Normal', 'VolumeGrows', `claim ${claim.metadata.name} is to have ${storage}`, 'Grow');
      }
    }
    return done;
  });
