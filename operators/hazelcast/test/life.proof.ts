import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import type { Story, World } from '@binnacle/testing';
import { Hazelcast, HotBackup } from '../src/index.ts';
import { messageDoor } from './message-door.ts';
import { put } from './put.ts';
import { REF, licence, membersOf, overheard, ready, want } from './subject.ts';

/** Each third point: these stories are long. `CRASH_EVERY=1` tells all of them. */
const SOME = process.env['CRASH_EVERY'] === undefined ? { every: 3 } : {};

const LOST = /all their copies are lost/;
const RESTORED = /^restored member/;
const PVC = { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' };

/** Sizes and versions that a cluster goes through, one wish after the other. */
type Wish = { readonly [field: string]: unknown };

/** Brings about one wish after the other; members leave or restart one at a time, and no partition goes with its last copy. */
async function tell(t: TestContext, given: Wish, wishes: Readonly<Record<string, Wish>>): Promise<void> {
  await crashEverywhere(
    t,
    () => {
      const { subject, lines } = overheard();
      const when = Object.fromEntries(
        Object.entries(wishes).map(([name, wish]) => [
          name,
          async (w: World) => {
            await want(w, wish);
            await ready(w);
          },
        ]),
      );
      const story: Story = {
        subject,
        doors: [messageDoor],
        async given(w) {
          await licence(w);
          await want(w, given);
          await ready(w);
        },
        when,
        always: [
          async (w) => {
            const going = (await membersOf(w)).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
            assert.ok(going.length <= 1, `stopped at once: ${going.map(({ metadata }) => metadata.name).join(', ')}`);
          },
          () => assert.ok(!lines.some((line) => LOST.test(line)), 'entries were lost'),
        ],
      };
      return story;
    },
    SOME,
  );
}

test('members come and leave one at a time, wherever the operator dies', (t) =>
  tell(t, { clusterSize: 2 }, { out: { clusterSize: 3 }, in: { clusterSize: 2 } }));

test('a changed configuration reaches members one at a time, and going back as well, wherever the operator dies', (t) =>
  tell(t, { clusterSize: 2 }, { changed: { clusterSize: 2, properties: { a: 'b' } }, back: { clusterSize: 2 } }));

test('an executor reaches members that run, wherever the operator dies', (t) =>
  tell(t, { clusterSize: 2 }, { added: { clusterSize: 2, executorServices: [{ name: 'x' }] } }));

test('an upgrade takes one member at a time, wherever the operator dies', (t) =>
  tell(t, { clusterSize: 2 }, { upgraded: { clusterSize: 2, version: '5.5.1' } }));

test('a scale-in that is taken back half-way ends with all members, wherever the operator dies', async (t) => {
  await crashEverywhere(
    t,
    () => {
      const { subject, lines } = overheard();
      return {
        subject,
        async given(w) {
          await want(w, { clusterSize: 4 });
          await ready(w);
        },
        when: {
          async reversed(w) {
            await want(w, { clusterSize: 2 });
            await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'ScalingIn') === true);
            await want(w, { clusterSize: 4 });
            await ready(w);
          },
        },
        finally: () => assert.ok(!lines.some((line) => LOST.test(line)), 'entries were lost'),
      };
    },
    SOME,
  );
});

test('an upgrade that is taken back half-way ends with the version of before, wherever the operator dies', async (t) => {
  await crashEverywhere(
    t,
    () => {
      const { subject, lines } = overheard();
      const spec = { clusterSize: 2, licenseKeySecretName: 'licence' };
      return {
        subject,
        async given(w) {
          await licence(w);
          await want(w, { ...spec, version: '5.4.0' });
          await ready(w);
        },
        when: {
          async reverted(w) {
            await want(w, { ...spec, version: '5.5.0' });
            await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'RollingUpdate') === true);
            await want(w, { ...spec, version: '5.4.0' });
            await ready(w);
          },
        },
        async finally(w) {
          assert.ok(!lines.some((line) => LOST.test(line)), 'entries were lost');
          for (const pod of await membersOf(w)) assert.match(pod.spec?.containers[0]?.image ?? '', /:5\.4\.0$/);
        },
      };
    },
    SOME,
  );
});

test('a cluster pauses and comes back on its volumes, wherever the operator dies', async (t) => {
  await crashEverywhere(
    t,
    () => {
      const { subject } = overheard();
      const spec = { clusterSize: 2, licenseKeySecretName: 'licence', persistence: { pvc: PVC } };
      return {
        subject,
        async given(w) {
          await licence(w);
          await want(w, spec);
          await ready(w);
        },
        when: {
          async paused(w) {
            await want(w, { ...spec, clusterSize: 0 });
            await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused');
          },
          async resumed(w) {
            await want(w, spec);
            await ready(w);
          },
        },
      };
    },
    SOME,
  );
});

test('a backup is restored once, wherever the operator dies', async (t) => {
  await crashEverywhere(
    t,
    () => {
      const { subject, lines } = overheard();
      const spec = (restore: object) => ({ clusterSize: 2, licenseKeySecretName: 'licence', persistence: { pvc: PVC, ...restore } });
      return {
        subject,
        doors: [messageDoor],
        async given(w) {
          await licence(w);
          await want(w, spec({}));
          await ready(w);
          await put(w, HotBackup, 'before', { spec: { hazelcastResourceName: REF.name } });
          await w.until(HotBackup, { namespace: 'default', name: 'before' }, (now) => now?.status?.state === 'Success', 600_000);
          await w.api.delete(Hazelcast, REF);
          await w.until(Hazelcast, REF, (now) => now === undefined);
        },
        when: {
          async restored(w) {
            await want(w, spec({ restore: { hotBackupResourceName: 'before' } }));
            const { status } = await ready(w);
            assert.ok(status?.members?.every(({ state }) => state === 'ACTIVE'));
          },
          async restarted(w) {
            await want(w, { ...spec({ restore: { hotBackupResourceName: 'before' } }), properties: { a: 'b' } });
            await ready(w);
          },
        },
        finally: () => assert.equal(lines.filter((line) => RESTORED.test(line)).length, 2, 'restored more than once'),
      };
    },
    SOME,
  );
});
