import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { leaves } from '@binnacle/testing';
import { CronHotBackup, Hazelcast, HotBackup, ManagementCenter } from '../src/index.ts';
import { CENTER_FIELDS, FIELDS, LICENCE } from './fields.ts';
import { centerObjects, objects } from './golden.ts';

/** Fields whose effect is no object that follows from the spec alone, and where it is shown: in a test, or by saying that there is none. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'Hazelcast.persistence.baseDir': 'src/api/persistence.ts',
  'Hazelcast.persistence.startupAction': 'test/startup.test.ts',
  'Hazelcast.persistence.restore.hotBackupResourceName': 'test/storage.test.ts',
  'Hazelcast.customConfigCmName': 'test/configuration.test.ts',
  'HotBackup.hazelcastResourceName': 'test/hot-backup.test.ts',
  'HotBackup.bucketURI': 'test/hot-backup.test.ts',
  'HotBackup.secret': 'test/hot-backup.test.ts',
  'HotBackup.secretName': 'test/hot-backup.test.ts',
  'HotBackup.activeDeadlineSeconds': 'test/hot-backup.test.ts',
  'HotBackup.deletionPolicy': 'test/backup-removal.test.ts',
  'CronHotBackup.schedule': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.timeZone': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.concurrencyPolicy': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.startingDeadlineSeconds': 'src/backup/cron-hot-backup/cron-hot-backup.test.ts',
  'CronHotBackup.hotBackupTemplate.metadata.labels': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.hotBackupTemplate.metadata.annotations': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.hotBackupTemplate.spec': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.successfulHotBackupsHistoryLimit': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.failedHotBackupsHistoryLimit': 'test/cron-hot-backup.test.ts',
  'CronHotBackup.historyMaxAgeSeconds': 'test/bucket-removal.test.ts',
  'CronHotBackup.suspend': 'test/cron-hot-backup.test.ts',
};

type Fields = Readonly<Record<string, readonly [object, object]>>;

function nothingIgnored(kind: typeof Hazelcast | typeof HotBackup | typeof CronHotBackup | typeof ManagementCenter, table: Fields): void {
  const isKnown = (path: string) => path in table || `${kind.kind}.${path}` in ELSEWHERE;
  const all = [...leaves(kind.schema.properties?.['spec'] ?? {}, isKnown)];
  assert.deepEqual(
    all.filter((path) => !isKnown(path)),
    [],
  );
  const shown = Object.entries(ELSEWHERE).filter(([path]) => path.startsWith(`${kind.kind}.`));
  for (const [path, file] of shown)
    assert.ok(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8').includes(path.split('.').at(-1)!), `${path} is not in ${file}`);
}

test('no field of a Hazelcast is accepted and ignored', () => {
  nothingIgnored(Hazelcast, FIELDS);
  for (const [path, [a, b]] of Object.entries(FIELDS)) assert.notEqual(objects({ ...LICENCE, ...a }), objects({ ...LICENCE, ...b }), path);
});

test('no field of a ManagementCenter is accepted and ignored', () => {
  nothingIgnored(ManagementCenter, CENTER_FIELDS);
  for (const [path, [a, b]] of Object.entries(CENTER_FIELDS)) assert.notEqual(centerObjects(a), centerObjects(b), path);
});

test('no field of a backup is accepted and ignored', () => {
  nothingIgnored(HotBackup, {});
  nothingIgnored(CronHotBackup, {});
});
