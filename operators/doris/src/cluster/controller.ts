import { Secret } from '@binnacle/client/kinds';
import { controller, references, watch } from '@binnacle/runtime';
import type { Ref } from '@binnacle/client';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import { DorisCluster } from '../api/doris-cluster.ts';
import { scaledAway } from '../autoscaler/steps/scaled-away.ts';
import type { Doors } from '../sql/front-end.ts';
import { clusterOfAccount } from './account.ts';
import { configCurrent, liveConfig } from './live-config/step.ts';
import { clusterOf } from './names.ts';
import { failover } from './failover/step.ts';
import { report } from './report.ts';
import { retention } from './retention/step.ts';
import { volumesWithCluster } from './retention/with-cluster.ts';
import { resume } from './suspend/resume.ts';
import { suspend } from './suspend/step.ts';
import { feRevive } from './rollout/revive.ts';
import { rollout } from './rollout/step.ts';
import { feScaleIn } from './scale-in/fe-step.ts';
import { backEndScaleIn } from './scale-in/step.ts';
import { account } from './steps/account.ts';
import { alive } from './steps/alive.ts';
import { backEndMembership } from './steps/be-membership.ts';
import { brokerMembership } from './steps/broker-membership.ts';
import { config } from './steps/config.ts';
import { disruptionBudgets } from './steps/disruption-budgets.ts';
import { feAccount, rotation } from './steps/fe-account.ts';
import { feMembership } from './steps/fe-membership.ts';
import { feReady } from './steps/fe-ready.ts';
import { feTls } from './steps/fe-tls.ts';
import { members } from './steps/members.ts';
import { feStatefulSet } from './steps/fe-stateful-set.ts';
import { services } from './steps/services.ts';
import { statefulSet } from './steps/stateful-set.ts';
import { volumes, volumesGrown } from './steps/volumes.ts';
import { validation } from './steps/validation.ts';
import { lastCopies } from '../webhook/last-copies.ts';
import { Pod } from '../pod.ts';

/**
 * Brings a DorisCluster about: all its objects, front ends first; then, once a front end answers, who is a member. So a child that somebody deletes comes back
 * while no front end serves. Members leave before their pods do. What is there already restarts in another order: see rollout/plan.ts. It goes before scale-in, because while nodes restart no data moves.
 */
export function clusterController(doors: Doors) {
  const named = references();
  return controller(DorisCluster, {
    steps: [
      volumesWithCluster,
      rotation(doors),
      validation(doors),
      suspend,
      members(doors),
      account,
      feTls(named),
      config('fe'),
      services('fe'),
      feStatefulSet,
      volumes('fe'),
      feRevive,
      config('be'),
      services('be'),
      statefulSet('be'),
      volumes('be'),
      config('cn'),
      services('cn'),
      statefulSet('cn'),
      config('broker'),
      services('broker'),
      statefulSet('broker'),
      disruptionBudgets,
      feReady,
      feAccount(doors),
      resume,
      liveConfig(doors),
      feMembership(doors),
      backEndMembership(doors, 'be'),
      lastCopies(doors),
      backEndMembership(doors, 'cn'),
      brokerMembership(doors),
      feScaleIn(doors, 'Gone'),
      backEndScaleIn(doors, 'cn', 'Gone'),
      backEndScaleIn(doors, 'be', 'Gone'),
      rollout(doors),
      failover(doors),
      backEndScaleIn(doors, 'cn'),
      scaledAway(doors),
      backEndScaleIn(doors, 'be'),
      feScaleIn(doors),
      retention(doors),
      configCurrent,
      alive(doors),
      volumesGrown,
    ],
    // Pods belong to StatefulSets and the account to nobody: neither wakes the cluster through an owner reference.
    watches: [
      watch(Pod, byLabels),
      watch(Secret, byLabels),
      watch(Secret, byAccount),
      watch(Secret, (object) => named.naming('Secret', object)),
      ...AUTOSCALERS.map((kind) => watch(kind, ({ metadata, spec }) => [{ namespace: metadata.namespace ?? '', name: spec.cluster }])),
    ],
    report,
  });
}

function byAccount({ metadata: { name, namespace } }: { readonly metadata: { readonly name?: string; readonly namespace?: string } }): readonly Ref[] {
  const cluster = clusterOfAccount(name);
  return cluster === undefined || namespace === undefined ? [] : [{ namespace, name: cluster }];
}

function byLabels(object: { readonly metadata: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> } }): readonly Ref[] {
  const name = clusterOf(object.metadata.labels);
  return name === undefined || name === '' || object.metadata.namespace === undefined ? [] : [{ namespace: object.metadata.namespace, name }];
}
