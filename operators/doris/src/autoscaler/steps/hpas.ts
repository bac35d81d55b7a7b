import type { Live } from '@binnacle/client';
import { V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisAutoscaler } from '../../api/doris-autoscaler.ts';
import type { AutoscalerSpec, AutoscalerStatus } from '../../api/doris-autoscaler.ts';
import { hpa, hpaName } from '../hpa.ts';

type Hpa = Live<typeof V2HorizontalPodAutoscaler>;

/** The two HorizontalPodAutoscalers. One without rules is deleted right here: it would keep the other from working until the pass came through. */
export const hpas = step('hpas', DorisAutoscaler, { owns: [V2HorizontalPodAutoscaler] }, async (object, cx) => {
  const spec = object.spec as AutoscalerSpec; // sound: a Live spec is the declared one
  const found: Partial<Record<'up' | 'down', Hpa>> = {};
  for (const direction of ['up', 'down'] as const) {
    const wanted = spec.cluster === '' ? undefined : hpa(object.metadata.name, spec, direction);
    if (wanted === undefined) await cx.delete(V2HorizontalPodAutoscaler, hpaName(object.metadata.name, direction));
    else found[direction] = await cx.apply(V2HorizontalPodAutoscaler, wanted);
  }
  cx.status({ cn: { phase: 'completed', Message: '', ...shown(found) } });
  // Kubernetes 1.26 and later: whichever HPA finds another on its pods does nothing at all, and says so here only.
  const refused = [found.up, found.down].find((one) => one?.status?.conditions?.some(({ reason }) => reason === 'AmbiguousSelector'));
  if (refused === undefined || found.up === undefined || found.down === undefined) return done;
  const message = `this Kubernetes lets one HorizontalPodAutoscaler scale a set: neither ${found.up.metadata.name} nor ${found.down.metadata.name} does anything. Write only max rules (or disableScaleDown), or only min rules`;
  return waitFor('AmbiguousSelector', message);
});

function shown({ up, down }: Partial<Record<'up' | 'down', Hpa>>): NonNullable<AutoscalerStatus['cn']> {
  return {
    ...(up === undefined ? {} : { scaleUpHpa: referenceTo(up), ...statusOf('scaleUpHpaStatus', up) }),
    ...(down === undefined ? {} : { scaleDown: referenceTo(down), ...statusOf('scaleDownHpaStatus', down) }),
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
