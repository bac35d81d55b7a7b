import type { Ref } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { controller, watch } from '@binnacle/runtime';
import type { Pass } from '@binnacle/runtime';
import { ManagementCenter } from '../api/management-center.ts';
import type { Center, ManagementCenterStatus } from '../api/management-center.ts';
import { references } from '@binnacle/runtime';
import { centerOf } from './names.ts';
import { config } from './steps/config.ts';
import { finalizer } from './steps/finalizer.ts';
import { rbac } from './steps/rbac.ts';
import { ready } from './steps/ready.ts';
import { noRoute, route } from './steps/route.ts';
import { service } from './steps/service.ts';
import { statefulSet } from './steps/stateful-set.ts';
import { validation } from './steps/validation.ts';
import { Pod } from '../pod.ts';

/** Brings a ManagementCenter about. `phoneHome`: it tells Hazelcast that it exists. `openShift`: the cluster has Routes, and lets no pod choose its user id. */
export function managementCenterController(options: { readonly phoneHome: boolean; readonly openShift: boolean }) {
  const named = references();
  const { openShift } = options;
  return controller(ManagementCenter, {
    steps: [
      finalizer(named),
      validation(named),
      ...(openShift ? [rbac] : []),
      service,
      openShift ? route : noRoute,
      config,
      statefulSet(options),
      ready(openShift),
    ],
    // Pods belong to the StatefulSet, Secrets to the user: neither wakes anybody through an owner reference.
    watches: [watch(Pod, byLabels), watch(Secret, (secret) => named.naming('Secret', secret))],
    report,
  });
}

/** Waits in which something is wrong that a person must mend. */
const FAULTS = ['PodsFailing', 'NotFound'];
/** Waits in which it serves. */
const SERVING = ['AddressPending'];

/** `phase` and `message` from how a pass ended. Pure. */
export function report(mc: Center, { outcome }: Pass): Pick<ManagementCenterStatus, 'phase' | 'message'> {
  if (outcome.type === 'gone') return {};
  // What it said while it ran is over.
  if (mc.metadata.deletionTimestamp !== undefined) return { phase: 'Terminating', message: outcome.type === 'done' ? '' : outcome.message };
  if (outcome.type === 'done') return { phase: 'Running', message: '' };
  const { reason, message } = outcome;
  if (outcome.type !== 'wait' || FAULTS.includes(reason)) return { phase: 'Failed', message };
  return { phase: SERVING.includes(reason) ? 'Running' : 'Pending', message };
}

function byLabels({ metadata }: { readonly metadata: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> } }): readonly Ref[] {
  const name = centerOf(metadata.labels);
  return name === undefined || name === '' || metadata.namespace === undefined ? [] : [{ namespace: metadata.namespace, name }];
}
