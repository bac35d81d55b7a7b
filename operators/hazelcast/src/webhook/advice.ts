import type { AnyKind } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { allow, guard } from '@binnacle/runtime';
import type { Hook } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { CronHotBackup } from '../api/cron-hot-backup.ts';
import type { CronBackup } from '../api/cron-hot-backup.ts';
import { Hazelcast } from '../api/hazelcast.ts';
import type { Cluster } from '../api/hazelcast.ts';
import { HotBackup } from '../api/hot-backup.ts';
import type { Backup } from '../api/hot-backup.ts';
import { ManagementCenter } from '../api/management-center.ts';
import type { Center } from '../api/management-center.ts';
import { namedByBackup, namedByCenter, namedByCluster } from './named.ts';
import type { Named } from './named.ts';

/**
 * Warns of what a spec names and is not there, and never refuses: it may come a moment later with the same `kubectl apply`, and the reconcile waits for it. A
 * webhook that runs apart from the controllers has no right to see Secrets, and gives no such advice.
 */
export const advice: readonly Hook[] = [
  missing('hazelcast-references', Hazelcast, (hz) => namedByCluster((hz as Cluster).spec)),
  missing('management-center-references', ManagementCenter, (mc) => namedByCenter((mc as Center).spec)),
  missing('hot-backup-references', HotBackup, (hb) => namedByBackup((hb as Backup).spec, 'spec')),
  missing('cron-hot-backup-references', CronHotBackup, (cron) =>
    namedByBackup((cron as CronBackup).spec.hotBackupTemplate.spec, 'spec.hotBackupTemplate.spec'),
  ),
];

const KINDS = { Secret, ConfigMap, HotBackup } as const;

/** `named` takes an object of the kind, after the schema has judged it. */
function missing(name: string, kind: AnyKind, named: (object: unknown) => readonly Named[]): Hook {
  return guard({
    name,
    kind,
    on: ['CREATE', 'UPDATE'],
    reads: [Secret, ConfigMap, HotBackup],
    besideControllers: true,
    review: ({ object, before, ref }, view) => {
      const spec = (of: unknown) => (of as { readonly spec?: unknown } | undefined)?.spec;
      if (spec(object) === undefined || jsonEqual(spec(object), spec(before))) return allow;
      const namespace = ref.namespace ?? '';
      const absent = named(object).filter((one) => view.get(KINDS[one.kind], { namespace, name: one.name }) === undefined);
      return { type: 'allow', warnings: absent.map((one) => `${one.field}: there is no ${one.kind} ${one.name} in namespace ${namespace} yet`) };
    },
  });
}
