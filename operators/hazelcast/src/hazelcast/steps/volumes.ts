import { ApiError } from '@binnacle/client';
import { PersistentVolumeClaim, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { quantityNanos } from '@binnacle/schema';
import { hasFormed } from '../../api/check/update.ts';
import { Hazelcast } from '../../api/hazelcast.ts';
import { selectorOf } from '../names.ts';
import { claimApart, wantedClaims } from '../objects/volumes.ts';

/** Growing is refused where the storage class does not allow it, which somebody may change; ms until the next try. */
const AGAIN_MS = 60_000;

/**
 * Lets claims grow in place. The template of a StatefulSet cannot change: members that come later get a claim of the first size, which grows here as well.
 * Before the configuration, in which devices have the size of their claims. A claim that is large enough is left alone: it may have been grown by hand.
 * Any other change is refused by admission once the cluster has formed, and told here before.
 */
export const volumes = step('volumes', Hazelcast, { owns: [PersistentVolumeClaim], reads: [StatefulSet] }, async (hz, cx) => {
  const live = await cx.get(StatefulSet, hz.metadata.name);
  if (live === undefined) return done;
  const apart = hasFormed(hz) ? undefined : claimApart(hz, live);
  if (apart !== undefined)
    return stop('VolumesFixed', `claim template ${apart} cannot change any more: set it back, or delete this Hazelcast and the claims, and make it anew`);
  const there = await cx.list(PersistentVolumeClaim, { labels: selectorOf(hz) });
  for (const { name, pvc } of wantedClaims(hz, live)) {
    const storage = String(pvc.requestStorage);
    for (const claim of there) {
      const suffix = claim.metadata.name.slice(`${name}-${hz.metadata.name}`.length);
      if (claim.metadata.name !== `${name}-${hz.metadata.name}${suffix}` || !/^-\d+$/.test(suffix)) continue;
      if (nanos(claim.spec?.resources?.requests?.['storage']) >= nanos(storage)) continue;
      try {
        await cx.apply(PersistentVolumeClaim, { name: claim.metadata.name, spec: { resources: { requests: { storage } } } }, { owner: 'none' });
      } catch (error) {
        if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 422)) throw error;
        return waitFor('VolumeCannotGrow', `claim ${claim.metadata.name} does not grow to ${storage}: ${error.message}`, { afterMs: AGAIN_MS });
      }
      cx.event('Normal', 'VolumeGrows', `claim ${claim.metadata.name} is to have ${storage}`, 'Grow');
    }
  }
  return done;
});

const nanos = (quantity: string | number | undefined): bigint => quantityNanos(quantity ?? 0) ?? 0n;
