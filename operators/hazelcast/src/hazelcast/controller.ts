import type { Ref } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { controller, watch } from '@binnacle/runtime';
import { Hazelcast } from '../api/hazelcast.ts';
import { HotBackup } from '../api/hot-backup.ts';
import type { Members } from '../protocol/members.ts';
import { told } from './members/told.ts';
import { clusterOf } from './names.ts';
import { references } from '@binnacle/runtime';
import { report } from './report.ts';
import { config } from './steps/config.ts';
import { connection } from './steps/connection.ts';
import { defaults } from './steps/defaults.ts';
import { disruptionBudget } from './steps/disruption-budget.ts';
import { endpointObjects } from './steps/endpoints.ts';
import { executors } from './steps/executors.ts';
import { finalizer } from './steps/finalizer.ts';
import { rbac } from './steps/rbac.ts';
import { reactivation } from './steps/reactivation.ts';
import { service } from './steps/service.ts';
import { servicePerPod } from './steps/service-per-pod.ts';
import { startup } from './steps/startup.ts';
import { statefulSet } from './steps/stateful-set.ts';
import { validation } from './steps/validation.ts';
import { volumes } from './steps/volumes.ts';
import type { Turns } from '../turns.ts';
import { Pod } from '../pod.ts';

/** How the operator was started. */
export interface Options {
  readonly members: Members;
  /** Those that backups take, too. */
  readonly turns: Turns;
  /** Members may read nodes, for zones and external addresses. */
  readonly nodeDiscovery: boolean;
  /** Members tell Hazelcast that they exist. */
  readonly phoneHome: boolean;
}

/** Brings a Hazelcast about. */
export function hazelcastController(options: Options) {
  const named = references();
  return controller(Hazelcast, {
    steps: [
      finalizer({ members: options.members, references: named }),
      defaults(options.members),
      reactivation(options.members),
      told(validation({ ...options, references: named }), options.members),
      rbac(options),
      service,
      endpointObjects,
      told(servicePerPod, options.members),
      told(volumes, options.members),
      told(config(options.members), options.members),
      disruptionBudget,
      told(startup(options.members), options.members),
      statefulSet(options),
      connection(options.members),
      executors(options.members),
    ],
    // Pods belong to the StatefulSet: their readiness wakes nobody through an owner reference.
    watches: [
      watch(Pod, byLabels),
      watch(ConfigMap, (object) => named.naming('ConfigMap', object)),
      watch(Secret, (object) => named.naming('Secret', object)),
      watch(HotBackup, (object) => named.naming('HotBackup', object)),
    ],
    report,
    details: ['clusterSize', 'hazelcastClusterStatus', 'members', 'message'],
  });
}

function byLabels({ metadata }: { readonly metadata: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> } }): readonly Ref[] {
  const name = clusterOf(metadata.labels);
  return name === undefined || name === '' || metadata.namespace === undefined ? [] : [{ namespace: metadata.namespace, name }];
}
