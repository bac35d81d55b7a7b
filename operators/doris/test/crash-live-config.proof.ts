import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import { showSettings } from '../src/sql/back-end-http.ts';
import { showSetting } from '../src/sql/settings.ts';
import { SHOW_OWN } from '../src/sql/statements.ts';
import type { Spec } from '../src/api/spec.ts';
import { login, prod, sized } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';

const configured = (fe: Readonly<Record<string, string>>, be: Readonly<Record<string, string>> = {}): Spec => {
  const spec = sized(3, 2);
  return { ...spec, fe: { ...spec.fe!, config: fe }, be: { ...spec.be!, config: be } };
};

/** Told, and taken back again; the way back is known although the file never had the line. */
test('a setting that running nodes are told is what it should be, and no pod restarts, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(
    t,
    () =>
      crashStory({
        async given(w) {
          await prod(w).apply(configured({ max_running_txn_num_per_db: '500' }));
          await prod(w).ready();
        },
        when: {
          async told(w) {
            await prod(w).apply(configured({ max_running_txn_num_per_db: '600', qe_slow_log_ms: '900' }, { streaming_load_max_mb: '500' }));
            await prod(w).ready();
          },
          async takenBack(w) {
            await prod(w).apply(configured({ max_running_txn_num_per_db: '700' }, { streaming_load_max_mb: '600' }));
            await prod(w).ready();
          },
        },
        async finally(w) {
          const never = new AbortController().signal;
          const leader = (await prod(w).frontends()).find((one) => one.master)?.host.split('.')[0] ?? 'nobody';
          for (const [pod, key, wanted] of [
            [leader, 'max_running_txn_num_per_db', '700'],
            ...['prod-fe-0', 'prod-fe-1', 'prod-fe-2'].map((one) => [one, 'qe_slow_log_ms', '5000'] as const),
          ] as const) {
            await login(w, pod, async (fe) => {
              await fe.query(SHOW_OWN, never);
              assert.equal((await showSetting(fe, key, never))?.value, wanted, `${key} at ${pod}`);
            });
          }
          for (const ordinal of [0, 1]) {
            const at = { host: `prod-be-${ordinal}.prod-be-peer.default.svc.cluster.local`, port: 8040, account: { user: '', password: '' } };
            const settings = await prod(w).passing(showSettings({ network: w.sandbox.network, clock: w.clock }, at, never));
            assert.equal(settings.get('streaming_load_max_mb')?.value, '600', `prod-be-${ordinal}`);
          }
          for (const name of ['fe', 'be']) {
            const { metadata, status } = await prod(w).set(name);
            assert.equal(status?.updateRevision, status?.currentRevision);
            assert.equal(metadata.generation, 1, 'the pods were made to restart');
          }
        },
      }),
    { moments: ['after', 'lost'], every: 3 }, // dead before a call is dead after the one before it
  );
  assert.ok((ran.calls['statement'] ?? 0) >= 14, 'not every node was told');
});
