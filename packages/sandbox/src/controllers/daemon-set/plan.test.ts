import type { Live } from '@binnacle/client';
import { timestamp } from '@binnacle/client';
import type { DaemonSet, Node, Pod } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plan } from './plan.ts';

interface Daemon {
  readonly name: string;
  readonly node: string;
  hash: string;
  ready: boolean;
  terminating: boolean;
}

const node = (name: string, cordoned: boolean) =>
  ({
    metadata: { name, labels: {} },
    spec: { unschedulable: cordoned, taints: name.endsWith('x') ? [{ key: 'gpu', effect: 'NoSchedule' }] : [] },
  }) as unknown as Live<typeof Node>;

const pod = ({ name, node: nodeName, hash, ready, terminating }: Daemon) =>
  ({
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      creationTimestamp: timestamp(0),
      labels: { 'controller-revision-hash': hash },
      ...(terminating ? { deletionTimestamp: timestamp(0) } : {}),
    },
    spec: { nodeName },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Live<typeof Pod>;

const set = (maxUnavailable: number | string, type = 'RollingUpdate') =>
  ({
    metadata: { name: 'd', namespace: 'ns', uid: 'd' },
    spec: { template: { spec: { containers: [] } }, updateStrategy: { type, ...(type === 'OnDelete' ? {} : { rollingUpdate: { maxUnavailable } }) } },
  }) as unknown as Live<typeof DaemonSet>;

const worlds = fc.record({
  nodes: fc.integer({ min: 1, max: 7 }),
  most: fc.integer({ min: 1, max: 3 }),
  cordoned: fc.array(fc.nat(6), { maxLength: 2 }),
  chances: fc.infiniteStream(fc.nat(100)),
});

test('an update never leaves more nodes without a daemon than allowed, never puts two on a node, and ends', () => {
  fc.assert(
    fc.property(worlds, ({ nodes: count, most, cordoned, chances }) => {
      const nodes = Array.from({ length: count }, (_, i) => node(`n${i}`, cordoned.includes(i)));
      let daemons: Daemon[] = nodes.map(({ metadata: { name } }) => ({ name: `old-${name}`, node: name, hash: 'old', ready: true, terminating: false }));
      let made = 0;
      let rounds = 0;
      while (daemons.length < count || daemons.some(({ hash, ready }) => hash === 'old' || !ready)) {
        const { actions } = plan({ set: set(most), nodes, pods: daemons.map(pod), hash: 'new', nowMs: 60_000 });
        for (const action of actions) {
          if (action.do === 'create') daemons.push({ name: `new-${(made += 1)}`, node: action.node, hash: 'new', ready: false, terminating: false });
          else daemons.find(({ name }) => name === action.pod.metadata.name)!.terminating = true;
        }
        const serving = daemons.filter(({ ready, terminating }) => ready && !terminating).length;
        assert.ok(serving >= count - most, `${serving} of ${count} serve`);
        assert.equal(new Set(daemons.map(({ node: name }) => name)).size, daemons.length, 'two on a node');
        // Something happens by chance, and at the latest every third round.
        const chance = rounds % 3 === 2 ? 0 : chances.next().value!;
        daemons = daemons.filter(({ terminating }, i) => !(terminating && (chance + i * 37) % 100 < 60));
        for (const [i, daemon] of daemons.entries()) if (!daemon.terminating && (chance + i * 53) % 100 < 60) daemon.ready = true;
        assert.ok(rounds++ < 200, 'stuck');
      }
    }),
    { numRuns: 60 },
  );
});

test('a cordoned node has its daemon, a tainted one only if tolerated, and one that has gone leaves none behind', () => {
  const daemons = [{ name: 'a', node: 'gone', hash: 'new', ready: true, terminating: false }];
  const { actions } = plan({ set: set(1), nodes: [node('cordoned', true), node('x', false)], pods: daemons.map(pod), hash: 'new', nowMs: 0 });
  assert.deepEqual(
    actions.map((action) => (action.do === 'create' ? `create ${action.node}` : `delete ${action.pod.metadata.name}`)),
    ['delete a', 'create cordoned'],
  );
});

test('a daemon that does not serve is replaced first; OnDelete replaces none', () => {
  const daemons = ['n0', 'n1', 'n2'].map((name, i) => ({ name: `old-${name}`, node: name, hash: 'old', ready: i !== 1, terminating: false }));
  const nodes = ['n0', 'n1', 'n2'].map((name) => node(name, false));
  const deleted = (of: Live<typeof DaemonSet>) =>
    plan({ set: of, nodes, pods: daemons.map(pod), hash: 'new', nowMs: 0 }).actions.map((action) => (action.do === 'delete' ? action.pod.metadata.name : ''));
  assert.deepEqual(deleted(set(1)), ['old-n1']);
  assert.deepEqual(deleted(set('50%')), ['old-n1', 'old-n0']);
  assert.deepEqual(deleted(set(1, 'OnDelete')), []);
});
