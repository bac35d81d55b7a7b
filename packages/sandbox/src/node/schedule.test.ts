import type { Live } from '@binnacle/client';
import { timestamp } from '@binnacle/client';
import type { Node, Pod } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Placement } from './schedule.ts';
import { place } from './schedule.ts';

type LivePod = Live<typeof Pod>;
type LiveNode = Live<typeof Node>;

const node = (name: string, zone: string, cpu = '4') =>
  ({
    metadata: { name, labels: { 'kubernetes.io/hostname': name, zone } },
    spec: {},
    status: { allocatable: { cpu, memory: '8Gi', pods: '110' } },
  }) as unknown as LiveNode;

let made = 0;
function pod(spec: object, labels: Readonly<Record<string, string>> = { app: 'x' }): LivePod {
  const metadata = { name: `p${(made += 1)}`, uid: `p${made}`, namespace: 'ns', labels, creationTimestamp: timestamp(0) };
  return { metadata, spec: { containers: [{ name: 'main', image: 'x' }], ...spec } } as unknown as LivePod;
}

const asks = (cpu: string) => ({ containers: [{ name: 'main', image: 'x', resources: { requests: { cpu } } }] });
const on = (nodeName: string, one: LivePod): LivePod => ({ ...one, spec: { ...one.spec!, nodeName } });
const decide = (nodes: readonly LiveNode[], pods: readonly LivePod[], one: LivePod): Placement =>
  place({ pod: one, nodes, pods, claim: () => undefined, volume: () => undefined, volumes: () => [], storageClass: () => undefined });

/** One after the other, each seeing those before. */
function fill(nodes: readonly LiveNode[], pending: readonly LivePod[]): { readonly pods: readonly LivePod[]; readonly waiting: readonly string[] } {
  const pods: LivePod[] = [];
  const waiting: string[] = [];
  for (const one of pending) {
    const placement = decide(nodes, pods, one);
    if (placement.do === 'bind') pods.push(on(placement.node, one));
    if (placement.do === 'wait') waiting.push(placement.message);
  }
  return { pods, waiting };
}

const count = (pods: readonly LivePod[], nodes: readonly LiveNode[]) =>
  nodes.map(({ metadata }) => pods.filter(({ spec }) => spec?.nodeName === metadata.name).length);
const own = { labelSelector: { matchLabels: { app: 'x' } } };
const three = [node('a', 'one'), node('b', 'one'), node('c', 'two')];

test('a pod that asks for more than there is waits, and is told the numbers', () => {
  const { waiting } = fill([three[0]!, { ...three[1]!, spec: { unschedulable: true } }], [pod(asks('2500m')), pod(asks('2'))]);
  assert.deepEqual(waiting, ['0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. cpu: asked for 2, free at most 1.5 of 4.']);
  const init = { initContainers: [{ name: 'i', image: 'x', resources: { requests: { memory: '9Gi' } } }] };
  assert.match(fill([three[0]!], [pod(init)]).waiting[0] ?? '', /1 Insufficient memory\. memory: asked for 9Gi, free at most 8Gi of 8Gi/);
});

test('pods of one sort spread over zones as evenly as asked, or wait', () => {
  const spread = (whenUnsatisfiable: string) => ({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable, ...own }] });
  const hard = fill(
    three,
    Array.from({ length: 6 }, () => pod({ ...spread('DoNotSchedule') })),
  );
  assert.deepEqual(count(hard.pods, three).slice(2), [3]);
  const full = [node('a', 'one'), node('c', 'two', '1')];
  const stuck = fill(
    full,
    Array.from({ length: 4 }, () => pod({ ...spread('DoNotSchedule'), ...asks('1') })),
  );
  assert.deepEqual(count(stuck.pods, full), [2, 1]);
  assert.match(stuck.waiting[0] ?? '', /1 Insufficient cpu, 1 node\(s\) didn't match pod topology spread constraints/);
  const soft = fill(
    full,
    Array.from({ length: 4 }, () => pod({ ...spread('ScheduleAnyway'), ...asks('1') })),
  );
  assert.deepEqual(count(soft.pods, full), [3, 1]);
});

test('apart by any key, also when only the other pod asks for it; together from the first one on', () => {
  const apart = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', ...own }] } } };
  const { pods, waiting } = fill(three, [pod(apart), pod(apart), pod({})]);
  assert.deepEqual([pods.length, waiting.length], [2, 1]);
  assert.match(waiting[0] ?? '', /3 node\(s\) didn't satisfy existing pods anti-affinity rules/);
  const together = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', ...own }] } } };
  const near = fill(three, [on('c', pod({})), pod(together), pod(together)].slice(1));
  assert.equal(new Set(near.pods.map(({ spec }) => three.find(({ metadata }) => metadata.name === spec?.nodeName)?.metadata.labels?.['zone'])).size, 1);
  assert.match(fill(three, [pod(together, { app: 'other' })]).waiting[0] ?? '', /pod affinity rules/);
});

test('wishes decide among nodes that fit, and keep nobody waiting', () => {
  const wish = {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['two'] }] } }],
  };
  const [bound] = fill(three, [pod({ affinity: { nodeAffinity: wish } })]).pods;
  assert.equal(bound?.spec?.nodeName, 'c');
  assert.equal(fill(three.slice(0, 2), [pod({ affinity: { nodeAffinity: wish } })]).pods.length, 1);
  assert.deepEqual(
    count(
      fill(
        three,
        Array.from({ length: 6 }, () => pod({})),
      ).pods,
      three,
    ),
    [2, 2, 2],
  );
});

test('what is not understood is told: a namespaceSelector that reads labels', () => {
  const term = { topologyKey: 'zone', ...own, namespaceSelector: { matchLabels: { team: 'a' } } };
  const { waiting } = fill(three, [pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })]);
  assert.match(waiting[0] ?? '', /namespaceSelector/);
});

test('whatever comes, no node is given more than it has, none is skewed, and nobody sits where he must not', () => {
  const wanted = fc.record({ cpu: fc.integer({ min: 0, max: 3 }), apart: fc.boolean(), spread: fc.boolean(), app: fc.constantFrom('x', 'y') });
  const machines = fc.array(fc.record({ zone: fc.constantFrom('one', 'two', 'three'), cpu: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(machines, fc.array(wanted, { maxLength: 14 }), (given, all) => {
      const nodes = given.map(({ zone, cpu }, i) => node(`n${i}`, zone, String(cpu)));
      const zones = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels!['zone']!]));
      const pods: LivePod[] = [];
      for (const { cpu, apart, spread, app } of all) {
        const selector = { labelSelector: { matchLabels: { app } } };
        const one = pod(
          {
            ...asks(String(cpu)),
            ...(apart
              ? { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', ...selector }] } } }
              : {}),
            ...(spread ? { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', ...selector }] } : {}),
          },
          { app },
        );
        const placement = decide(nodes, pods, one);
        if (placement.do !== 'bind') continue;
        const here = pods.filter(({ spec }) => spec?.nodeName === placement.node && spec !== undefined);
        const used = [...here, one].reduce((sum, { spec }) => sum + Number(spec?.containers[0]?.resources?.requests?.['cpu'] ?? 0), 0);
        assert.ok(used <= given[Number(placement.node.slice(1))]!.cpu, 'too much');
        const strict = ({ spec }: LivePod) => spec?.affinity !== undefined;
        assert.ok(!here.some((other) => other.metadata.labels?.['app'] === app && (apart || strict(other))), 'not apart');
        pods.push(on(placement.node, one));
        const sizes = [...new Set(zones.values())].map(
          (zone) => pods.filter(({ spec, metadata }) => metadata.labels?.['app'] === app && zones.get(spec?.nodeName ?? '') === zone).length,
        );
        const target = zones.get(placement.node)!;
        const mine = pods.filter(({ spec, metadata }) => metadata.labels?.['app'] === app && zones.get(spec?.nodeName ?? '') === target).length;
        if (spread) assert.ok(mine - Math.min(...sizes) <= 1 || sizes.length === 1, `skewed: ${sizes.join()}`);
      }
    }),
    { numRuns: 100 },
  );
});
