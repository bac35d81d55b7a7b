import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet } from '@binnacle/client/kinds';
import { alone } from '@binnacle/runtime';
import type { Spec } from '../src/api/spec.ts';
import { DROPPED } from '../src/cluster/claim.ts';
import { frontEnd } from '../src/sql/front-end.ts';
import type { Statement } from '../src/sql/statements.ts';
import { smallCluster } from './small-cluster.ts';
import { story } from './small-world.ts';

const component = (name: string, replicas: number) => ({ baseImage: `ghcr.io/linsoss/doris-${name}`, replicas, requests: { storage: '1Gi' } });
const spec: Spec = { version: '2.0.3', fe: component('fe', 1), be: component('be', 1), cn: component('cn', 1), broker: component('broker', 1) };
const signal = new AbortController().signal;

type Small = ReturnType<typeof smallCluster>;
const replicas = (small: Small, name: string) => (small.objects.get(`StatefulSet/basic-${name}`) as StatefulSet | undefined)?.spec?.replicas;

async function byHand(small: Small, ...statements: readonly string[]): Promise<void> {
  await using fe = await frontEnd(
    small.world,
    { host: 'basic-fe.default.svc.cluster.local', port: 9030, account: { user: 'root', password: '' } },
    alone(signal),
  );
  for (const statement of statements) await fe.query(statement as Statement, signal);
}

test(
  'one of everything comes up, every member joined by the operator',
  story(async (world) => {
    const small = smallCluster(spec, world);
    await small.until((outcome) => outcome.type === 'done');
    assert.equal(small.status.phase, 'Running');
    assert.equal(small.status.allReady, true);
    assert.deepEqual(
      small.status.cn?.nodes?.map((one) => [one.role, one.alive]),
      [['computation', true]],
    );
    assert.deepEqual(small.status.fe?.readyMembers, ['basic-fe-0.default']);
    assert.deepEqual([...new Set(small.events)].toSorted(), ['AccountCreated', 'BackEndJoined', 'BrokerJoined']);
  }),
);

test(
  'front ends go from one to three, to one, and to three again',
  story(async (world) => {
    const small = smallCluster({ version: '2.0.3', fe: component('fe', 1) }, world);
    for (const wanted of [3, 1, 3]) {
      small.edit({ fe: component('fe', wanted) });
      await small.until((outcome) => outcome.type === 'done');
      assert.equal(replicas(small, 'fe'), wanted);
      assert.deepEqual(small.status.fe?.nodes?.filter((one) => one.alive).length, wanted);
      const marked = [...small.objects].filter(
        ([name, object]) => name.startsWith('PersistentVolumeClaim/') && object.metadata.annotations?.[DROPPED] !== undefined,
      );
      assert.equal(marked.length, wanted === 1 ? 2 : 0);
    }
  }),
);

test(
  'back ends go from three to two only after their data; the pod is the last to go',
  story(async (world) => {
    const small = smallCluster({ version: '2.0.3', fe: component('fe', 1), be: component('be', 3) }, world);
    await small.until((outcome) => outcome.type === 'done');
    await byHand(small, 'CREATE DATABASE demo', "CREATE TABLE demo.t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 6 PROPERTIES ('replication_num' = '2')");
    small.edit({ be: component('be', 2) });
    await small.until(
      (outcome) => outcome.type === 'done',
      () => {
        if (replicas(small, 'be') === 2) return;
        assert.ok(small.pods.has('basic-be-2'), 'the pod went before its data');
      },
    );
    assert.equal(replicas(small, 'be'), 2);
    assert.equal(small.status.be?.nodes?.length, 2);
    assert.equal(
      small.status.be?.nodes?.reduce((sum, one) => sum + (one.tablets ?? 0), 0),
      12,
    );
  }),
);

test(
  'a size that tables do not allow is refused with the reason, and nothing is touched',
  story(async (world) => {
    const small = smallCluster({ version: '2.0.3', fe: component('fe', 1), be: component('be', 2) }, world);
    await small.until((outcome) => outcome.type === 'done');
    await byHand(small, 'CREATE DATABASE demo', "CREATE TABLE demo.t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 2 PROPERTIES ('replication_num' = '2')");
    small.edit({ be: component('be', 1) });
    await small.until((outcome) => outcome.type === 'wait' && outcome.reason === 'TooFewBackends');
    assert.equal(replicas(small, 'be'), 2);
    assert.ok(small.status.be?.nodes?.every((one) => one.decommissioned === false));
    small.edit({ be: component('be', 2) });
    await small.until((outcome) => outcome.type === 'done');
  }),
);

test(
  'asked back half-way: the decommission is cancelled',
  story(async (world) => {
    const small = smallCluster({ version: '2.0.3', fe: component('fe', 1), be: component('be', 3) }, world);
    await small.until((outcome) => outcome.type === 'done');
    await byHand(small, 'CREATE DATABASE demo', "CREATE TABLE demo.t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 60 PROPERTIES ('replication_num' = '2')");
    small.edit({ be: component('be', 2) });
    await small.until((outcome) => outcome.type === 'wait' && outcome.reason === 'MovingTablets');
    small.edit({ be: component('be', 3) });
    await small.until((outcome) => outcome.type === 'done');
    assert.ok(small.events.includes('DecommissionCancelled'));
    assert.equal(replicas(small, 'be'), 3);
    assert.ok(small.status.be?.nodes?.every((one) => one.decommissioned === false && one.alive));
  }),
);

test(
  'back ends with data are not taken out of the spec unsaid; empty ones are dropped',
  story(async (world) => {
    const small = smallCluster({ version: '2.0.3', fe: component('fe', 1), be: component('be', 1) }, world);
    await small.until((outcome) => outcome.type === 'done');
    await byHand(small, 'CREATE DATABASE demo', "CREATE TABLE demo.t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 2 PROPERTIES ('replication_num' = '1')");
    small.leaveOut('be');
    await small.until((outcome) => outcome.type === 'wait' && outcome.reason === 'StillHoldsData');
    await byHand(small, 'DROP TABLE demo.t');
    await small.until((outcome) => outcome.type === 'done');
  }),
);
