import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, tcpNetwork } from '@binnacle/client';
import type { Api } from '@binnacle/client';
import { Lease, ServiceAccount, StatefulSet } from '@binnacle/client/kinds';
import { Hazelcast } from '@binnacle/hazelcast';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../src/cluster.ts';
import { install } from '../src/install.ts';
import { example } from './examples.ts';
import { heldLine } from './held-line.ts';
import type { HeldLine } from './held-line.ts';
import { entries } from '../src/operators.ts';
import { operatorProcess } from './operator-process.ts';
import type { OperatorProcess } from './operator-process.ts';

/** How long a pod is given to end, unless it says otherwise; ms. */
const GRACE_MS = 30_000;
/** How long a pass that is stuck is waited for; ms: packages/runtime/src/manager/manager.ts. */
const DRAIN_MS = 8_000;
const AT = { namespace: 'default', name: 'prod' } as const;
const [hazelcast] = entries(['hazelcast']);

interface Stage extends AsyncDisposable {
  readonly api: Api;
  readonly line: HeldLine;
  readonly operator: OperatorProcess;
}

/** An operator that leads, on a line to its API server that can be held. */
async function stage(): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-stop-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [direct, held] = [join(folder, 'direct'), join(folder, 'held')];
  const clock = systemClock();
  const { api } = opened.use(await startLocalCluster({ port: 0, kubeconfig: direct, state: undefined, operators: [], clock, log: silentLogger }));
  await install(api, hazelcast!, hazelcast!.create({ network: tcpNetwork(), clock, log: silentLogger }));
  const text = readFileSync(direct, 'utf8');
  const port = Number(/server: https:\/\/[^:]+:(\d+)/.exec(text)?.[1]);
  const line = opened.use(await heldLine(port));
  writeFileSync(held, text.replace(`:${port}`, `:${line.port}`));
  const operator = opened.use(operatorProcess(['hazelcast', '--kubeconfig', held, '--leader-election']));
  await operator.eventually('leads', async () => (await holder(api)) !== '');
  const all = opened.move();
  return { api, line, operator, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function holder(api: Api): Promise<string> {
  const [lease] = (await api.list(Lease, { namespace: 'binnacle-system' })).items;
  return lease?.spec?.holderIdentity ?? '';
}

/** Applies a cluster and holds the line in the middle of its pass: the first child is there, the last is not. */
async function midway({ api, line }: Stage): Promise<void> {
  const { resourceVersion } = await api.list(ServiceAccount, { namespace: AT.namespace });
  const watching = new AbortController();
  const children = api.watch(ServiceAccount, { namespace: AT.namespace, resourceVersion, signal: watching.signal })[Symbol.asyncIterator]();
  const first = children.next();
  await api.create(Hazelcast, example('hazelcast/basic.yaml', AT.name));
  const { value } = await first;
  line.hold();
  watching.abort();
  assert.equal(value?.object.metadata.name, AT.name);
  assert.deepEqual((await api.list(StatefulSet, AT)).items, []);
}

/** Resolves when it has heard a signal and says that it stops. */
async function stopping({ operator }: Stage): Promise<void> {
  await operator.eventually('stopping', async () => operator.said().includes('stops when passes'));
}

test('SIGTERM: the pass under way is finished, the Lease given back, the exit code 0', { timeout: 90_000 }, async () => {
  await using s = await stage();
  await midway(s);
  const began = performance.now();
  s.operator.signal('SIGTERM');
  await stopping(s);
  s.line.release();
  assert.equal(await s.operator.ended, 0, s.operator.said());
  assert.ok(performance.now() - began < GRACE_MS);
  assert.equal(await holder(s.api), '');
  assert.equal((await s.api.get(StatefulSet, AT)).metadata.name, AT.name);
  assert.ok((await s.api.get(Hazelcast, AT)).status !== undefined, 'what came of it is told');
});

test('SIGTERM while the API server is silent: it ends with 0 all the same, within the time that a pod is given', { timeout: 90_000 }, async () => {
  await using s = await stage();
  await midway(s);
  const began = performance.now();
  s.operator.signal('SIGTERM');
  assert.equal(await s.operator.ended, 0, s.operator.said());
  const tookMs = performance.now() - began;
  assert.ok(tookMs >= DRAIN_MS && tookMs < GRACE_MS, `${tookMs} ms`);
});

for (const [first, second] of [
  ['SIGTERM', 'SIGTERM'],
  ['SIGTERM', 'SIGINT'],
] as const) {
  test(`a ${second} after a ${first} ends it at once`, { timeout: 90_000 }, async () => {
    await using s = await stage();
    await midway(s);
    s.operator.signal(first);
    await stopping(s);
    const began = performance.now();
    s.operator.signal(second);
    assert.equal(await s.operator.ended, 130);
    assert.ok(performance.now() - began < DRAIN_MS);
  });
}
