import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import { showSetting } from '../src/sql/settings.ts';
import type { Spec } from '../src/api/spec.ts';
import { login, prod, sized } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';

const configured = (fe: Readonly<Record<string, string>>): Spec => {
  const spec = sized(1, 1);
  return { ...spec, fe: { ...spec.fe!, config: fe } };
};

/** Told, and taken back again; the way back is known although the file never had the line. */
test('a setting that running nodes are told is what it should be, and no pod restarts, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () =>
    crashStory({
      async given(w) {
        await prod(w).apply(configured({ max_running_txn_num_per_db: '500' }));
        await prod(w).ready();
      },
      when: {
        async told(w) {
          await prod(w).apply(configured({ max_running_txn_num_per_db: '600', qe_slow_log_ms: '900' }));
          await prod(w).ready();
        },
        async takenBack(w) {
          await prod(w).apply(configured({ max_running_txn_num_per_db: '700' }));
          await prod(w).ready();
        },
      },
      async finally(w) {
        const shown: (string | undefined)[] = [];
        await login(w, 'prod-fe-0', async (fe) => {
          for (const key of ['max_running_txn_num_per_db', 'qe_slow_log_ms']) shown.push((await showSetting(fe, key, new AbortController().signal))?.value);
        });
        assert.deepEqual(shown, ['700', '5000']);
        assert.equal((await prod(w).set('fe')).status?.updateRevision, (await prod(w).set('fe')).status?.currentRevision);
        assert.equal((await prod(w).set('fe')).metadata.generation, 1, 'the pods were made to restart');
      },
    }),
  );
  assert.ok((ran.calls['statement'] ?? 0) >= 4);
});
