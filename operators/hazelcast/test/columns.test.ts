import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { CronHotBackup, Hazelcast, HotBackup, ManagementCenter } from '../src/index.ts';
import { LICENCE, put, subject } from './put.ts';

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** What `kubectl get KIND` shows of the first object; `wide`: of those that only `-o wide` shows. */
async function shown(w: World, { group, version, plural }: AnyKind, wide = false): Promise<Readonly<Record<string, unknown>>> {
  const transport = w.sandbox.transport({ name: 'admin', groups: ['system:masters'] });
  const path = `/apis/${group}/${version}/namespaces/default/${plural}`;
  const response = await transport.send(
    { method: 'GET', path, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
    new AbortController().signal,
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const { columnDefinitions, rows } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Table; // sound: what was asked for
  return Object.fromEntries(columnDefinitions.flatMap(({ name, priority }, index) => (priority > 0 === wide ? [[name, rows[0]?.cells[index]]] : [])));
}

test('kubectl get tells of each kind whether it is well, how old it is, and in wide what it waits for', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, CronHotBackup, 'nightly', { spec: { schedule: '@yearly', hotBackupTemplate: { spec: { hazelcastResourceName: 'hazelcast' } } } });
  await w.until(CronHotBackup, { namespace: 'default', name: 'nightly' }, (now) => now !== undefined && isReady(now));
  const cron = await shown(w, CronHotBackup);
  // Never backed up: no time may look as if it had been.
  assert.deepEqual(
    { ...cron, Age: '' },
    { Name: 'nightly', Schedule: '@yearly', SUSPENDED: false, Ready: 'True', 'Last-Success': null, Next: '2027-01-01T00:00:00Z', Age: '' },
  );

  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: 'hazelcast' } });
  await w.until(HotBackup, { namespace: 'default', name: 'backup' }, (now) => now?.status?.state === 'Pending');
  assert.deepEqual(Object.keys(await shown(w, HotBackup)), ['Name', 'Status', 'Age']);
  assert.deepEqual(await shown(w, HotBackup, true), { 'Hazelcast-Resource': 'hazelcast', Message: "Hazelcast 'hazelcast' is not there" });

  await put(w, Secret, 'licence', LICENCE);
  await put(w, Hazelcast, 'hazelcast', { spec: { clusterSize: 2, version: '5.5.0', licenseKeySecretName: 'licence' } });
  await w.until(Hazelcast, { namespace: 'default', name: 'hazelcast' }, (now) => now !== undefined && isReady(now));
  assert.deepEqual({ ...(await shown(w, Hazelcast)), Age: '' }, { Name: 'hazelcast', Status: 'Running', Ready: 'True', Members: '2/2', Age: '' });

  await put(w, ManagementCenter, 'center', { spec: { licenseKeySecretName: 'absent' } });
  await w.until(ManagementCenter, { namespace: 'default', name: 'center' }, (now) => now?.status?.phase === 'Failed');
  assert.deepEqual(Object.keys(await shown(w, ManagementCenter)), ['Name', 'Status', 'Ready', 'External-Addresses', 'Age']);
  assert.match(String((await shown(w, ManagementCenter, true))['Message']), /Not found: "absent"/);
});
