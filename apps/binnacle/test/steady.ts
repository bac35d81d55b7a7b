import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { isReady } from '@binnacle/client';
import { snapshot, world } from '@binnacle/testing';
import type { Running, Subject, World } from '@binnacle/testing';
import { example } from './examples.ts';
import { doris, hazelcast } from './subjects.ts';

const RESYNC_MS = 60_000;
const RESYNCS = 10;

/** One kind, a good object of it, one that never becomes Ready, and an edit that concerns one child. */
interface Kind {
  readonly subject: Subject;
  readonly good: (name: string) => ReturnType<typeof example>;
  readonly stuck: (name: string) => ReturnType<typeof example>;
  readonly edit: object;
}

/** Less than the example asks of the node: a hundred of them must fit. */
function smallDoris(name: string, fe: object = {}): ReturnType<typeof example> {
  const component = (part: string) => ({ baseImage: `ghcr.io/linsoss/doris-${part}`, replicas: 1, requests: { storage: '1Gi' } });
  return { ...example('doris/basic.yaml', name), spec: { version: '2.0.3', fe: { ...component('fe'), ...fe }, be: component('be') } };
}

const hazelcastWith = (name: string, spec: object): ReturnType<typeof example> => {
  const object = example('hazelcast/basic.yaml', name);
  return { ...object, spec: { ...(object['spec'] as object), ...spec } };
};

const KINDS: readonly Kind[] = [
  {
    subject: doris,
    good: (name) => smallDoris(name),
    stuck: (name) => smallDoris(name, { baseImage: 'nowhere.example/doris-fe' }),
    edit: { fe: { service: { type: 'NodePort' } } },
  },
  {
    subject: hazelcast,
    good: (name) => hazelcastWith(name, { clusterSize: 1 }),
    stuck: (name) => hazelcastWith(name, { licenseKeySecretName: 'nowhere' }),
    edit: { executorServices: [{ name: 'one' }] },
  },
];

const sentBy = ({ door }: Running, from: number) =>
  door.requests.slice(from).filter((request) => !request.includes('watch=true') && !/\/(events|leases)/.test(request));

/**
 * `count` objects of each kind, one in ten of which can never become Ready. Ten resyncs cost no request; an edit of one costs three at most; nobody is in its
 * own way; and bringing one up takes hardly more writes than it has children.
 */
export async function steady(t: TestContext, count: number): Promise<void> {
  await using w = await world([doris, hazelcast]);
  const before = Object.keys(await snapshot(w, []));
  const running = KINDS.map(({ subject }) => w.start(subject, { resyncMs: RESYNC_MS }));
  const names = Array.from({ length: count }, (_, index) => `c${index}`);
  const isStuck = (name: string) => Number(name.slice(1)) % 10 === 1;
  for (const { subject, good, stuck } of KINDS)
    for (const name of names) await w.api.apply(subject.resources[0]!, isStuck(name) ? stuck(name) : good(name), { fieldManager: 'user', force: true });
  for (const kind of KINDS) for (const name of names) if (!isStuck(name)) await ready(w, kind, name);
  await w.clock.advance(120_000);
  report(
    t,
    running,
    Object.keys(await snapshot(w, [])).filter((key) => !before.includes(key)),
    count,
  );

  const quiet = running.map(({ door }) => door.requests.length);
  await w.clock.advance(RESYNC_MS * 1.1 * RESYNCS);
  for (const [index, process] of running.entries()) assert.deepEqual(sentBy(process, quiet[index]!), [], `${KINDS[index]!.subject.name}: ${RESYNCS} resyncs`);

  for (const [index, kind] of KINDS.entries()) {
    const process = running[index]!;
    const from = process.door.requests.length;
    await w.api.patch(kind.subject.resources[0]!, { namespace: 'default', name: 'c0' }, { type: 'merge', body: { spec: kind.edit } });
    await w.clock.advance(5_000);
    const sent = sentBy(process, from);
    assert.ok(sent.length > 0 && sent.length <= 3, `${kind.subject.name}: an edit cost ${sent.join(', ')}`);
  }
  for (const { door } of running)
    assert.deepEqual(
      door.refused.filter((one) => one.startsWith('409')),
      [],
      'in its own way',
    );
}

async function ready(w: World, { subject }: Kind, name: string): Promise<void> {
  await w.until(subject.resources[0]!, { namespace: 'default', name }, (now) => now !== undefined && isReady(now));
}

/** Source: 1.4 to 2.5 writes an object of the Go operators that ours replace; the status is told as often as it is news. */
const MAX_WRITES_PER_CHILD = 1.2;

function report(t: TestContext, running: readonly Running[], made: readonly string[], count: number): void {
  for (const [index, { subject }] of KINDS.entries()) {
    const { writes } = running[index]!.door;
    const status = writes.filter((one) => one.includes('/status')).length;
    const created = writes.filter((one) => one.startsWith('POST')).length; // their paths name no object
    const named = new Set(writes.filter((one) => !one.startsWith('POST') && !one.includes('/status')).map((one) => one.replace(/\?.*/, '')));
    const targets = created + named.size;
    const each = (writes.length - status) / targets;
    t.diagnostic(
      `${subject.name}: ${count} objects, ${targets} targets, ${writes.length - status} writes (${each.toFixed(2)} each), ${status} of status; ${made.length} objects made in all`,
    );
    assert.ok(each <= MAX_WRITES_PER_CHILD, `${subject.name}: ${each.toFixed(2)} writes for each child`);
  }
}
