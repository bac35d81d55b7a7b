import type { Live } from '@binnacle/client';
import { V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import type { AutoscalerSpec, AutoscalerStatus } from '../../api/doris-autoscaler.ts';
import { SCALED, directionsOf, hpa, hpaNames, isIdle } from '../hpa.ts';
import type { Direction } from '../hpa.ts';

type Hpa = Live<typeof V2HorizontalPodAutoscaler>;

/**
 * The HorizontalPodAutoscalers, one for compute nodes and one for back ends. That of the other direction, which an earlier operator may have made, is deleted right
 * here and first: Kubernetes stops both while there are two.
 */
export const hpas = (kind: (typeof AUTOSCALERS)[number]) =>
  step('hpas', kind, { owns: [V2HorizontalPodAutoscaler] }, async (object, cx) => {
    const spec = object.spec as AutoscalerSpec; // sound: a Live spec is the declared one
    const own = { kind: kind.kind, name: object.metadata.name, spec };
    const ambiguous: string[] = [];
    for (const part of SCALED) {
      const wantedName = hpa(own, part, false)?.name;
      for (const name of hpaNames(own, part)) if (name !== wantedName) await cx.delete(V2HorizontalPodAutoscaler, name);
      const before = wantedName === undefined ? undefined : await cx.get(V2HorizontalPodAutoscaler, wantedName);
      const wanted = hpa(own, part, isIdle(spec, before));
      const found = wanted === undefined ? undefined : await cx.apply(V2HorizontalPodAutoscaler, wanted);
      if (part === 'cn' || spec.be !== undefined) cx.status({ [part]: { phase: 'completed', Message: '', ...shown(found, directionsOf(spec, part)) } });
      else cx.status({ be: undefined });
      // Whichever finds another one on its pods does nothing at all, and says so here only.
      if (found?.status?.conditions?.some(({ reason }) => reason === 'AmbiguousSelector') === true) ambiguous.push(found.metadata.name);
    }
    if (ambiguous.length === 0) return done;
    return waitFor(
      'AmbiguousSelector',
      `another HorizontalPodAutoscaler scales the same pods: neither it nor ${ambiguous.join(' and ')} does anything. Delete the other one`,
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
