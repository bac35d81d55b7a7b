import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisMonitor } from '../src/index.ts';
import { crashStory } from './crash-story.ts';
import { example } from './subject.ts';

const user = { fieldManager: 'user', force: true };
const at = { namespace: 'default', name: 'basic' };
const monitor = example('monitor.yaml');

async function apply(w: World, change: object): Promise<void> {
  await w.api.apply(DorisMonitor, { ...monitor, spec: { ...monitor.spec, ...change } }, user);
  const { generation } = (await w.api.get(DorisMonitor, at)).metadata;
  await w.until(DorisMonitor, at, (now) => now !== undefined && isReady(now) && now.status?.observedGeneration === generation);
}

/** Volumes keep what was measured, and the account is shared by the monitors of a namespace. */
const LEAVES = [
  'PersistentVolumeClaim default/grafana-data-basic-grafana-0',
  'PersistentVolumeClaim default/loki-data-basic-loki-0',
  'PersistentVolumeClaim default/prometheus-data-basic-prometheus-0',
  'Role default/doris-monitor',
  'RoleBinding default/doris-monitor-binding',
  'Secret default/grafana-admin',
  'ServiceAccount default/doris-monitor',
];

test('monitor: it comes up, changes, gives its logs up and goes the same way wherever the operator dies', async (t) => {
  await crashEverywhere(t, () =>
    crashStory({
      when: {
        async up(w) {
          const secret = { metadata: { namespace: 'default', name: 'grafana-admin' }, type: 'Opaque', data: { password: Buffer.from('x').toString('base64') } };
          await w.api.apply(Secret, secret, user);
          await apply(w, {});
        },
        async changed(w) {
          await apply(w, { prometheus: { ...(monitor.spec['prometheus'] as object), retentionTime: '30d', requests: { storage: '6Gi' } } });
        },
        async withoutLogs(w) {
          await apply(w, { disableLoki: true });
        },
        async gone(w) {
          await w.api.delete(DorisMonitor, at);
          await w.until(StatefulSet, { namespace: 'default', name: 'basic-prometheus' }, (now) => now === undefined);
          await w.until(DorisMonitor, at, (now) => now === undefined);
        },
      },
      leaves: LEAVES,
    }),
  );
});
