import type { Live } from '@binnacle/client';
import { V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisAutoscaler } from '../../api/doris-autoscaler.ts';
import type { AutoscalerSpec, AutoscalerStatus } from '../../api/doris-autoscaler.ts';
import { directionsOf, hpa, hpaName, isIdle } from '../hpa.ts';
import type { Direction } from '../hpa.ts';

type Hpa = Live<typeof V2HorizontalPodAutoscaler>;

/**
 * The HorizontalPodAutoscaler. That of the other direction, which an earlier operator may have made, is deleted right here and first: Kubernetes stops both
 * while there are two.
 */
export const hpas = step('hpas', DorisAutoscaler, { owns: [V2HorizontalPodAutoscaler] }, async (object, cx) => {
  const spec = object.spec as AutoscalerSpec; // sound: a Live spec is the declared one
  const { name } = object.metadata;
  const directions = directionsOf(spec);
  for (const direction of ['up', 'down'] as const) {
    if (direction !== directions[0]) await cx.delete(V2HorizontalPodAutoscaler, hpaName(name, direction));
  }
  const before = directions[0] === undefined ? undefined : await cx.get(V2HorizontalPodAutoscaler, hpaName(name, directions[0]));
  const wanted = hpa(name, spec, isIdle(spec, before));
  const found = wanted === undefined ? undefined : await cx.apply(V2HorizontalPodAutoscaler, wanted);
  cx.status({ cn: { phase: 'completed', Message: '', ...shown(found, directions) } });
  // Whichever finds another one on its pods does nothing at all, and says so here only.
  if (found?.status?.conditions?.some(({ reason }) => reason === 'AmbiguousSelector') !== true) return done;
  return waitFor(
    'AmbiguousSelector',
    `another HorizontalPodAutoscaler scales the same pods: neither it nor ${found.metadata.name} does anything. Delete the other one`,
  );
});

function shown(found: Hpa | undefined, directions: readonly Direction[]): NonNullable<AutoscalerStatus['cn']> {
  if (found === undefined) return {};
  return {
    ...(directions.includes('up') ? { scaleUpHpa: referenceTo(found), ...statusOf('scaleUpHpaStatus', found) } : {}),
    ...(directions.includes('down') ? { scaleDown: referenceTo(found), ...statusOf('scaleDownHpaStatus', found) } : {}),
  };
}

const referenceTo = ({ metadata }: Hpa) => ({
  name: metadata.name,
  namespace: metadata.namespace ?? '',
  kind: 'HorizontalPodAutoscaler',
  apiVersion: 'autoscaling/v2',
});

function statusOf(field: 'scaleUpHpaStatus' | 'scaleDownHpaStatus', { status }: Hpa): NonNullable<AutoscalerStatus['cn']> {
  return status?.desiredReplicas === undefined ? {} : { [field]: { ...status, desiredReplicas: status.desiredReplicas } };
}
