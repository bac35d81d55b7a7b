import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, loadKubeconfig, systemClock, tcpNetwork, undiciTransport } from '@binnacle/client';
import type { AnyKind, Api } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import { freePort } from '@binnacle/testing';
import { parse } from 'yaml';
import { install } from '../apps/binnacle/src/install.ts';
import type { Entry, OperatorName } from '../apps/binnacle/src/operators.ts';
import { start } from './child.ts';
import type { Child } from './child.ts';
import { parallel, percentile } from './table.ts';
import type { Figure } from './table.ts';

const NAMESPACE = 'default';
const MANY_EDITS = 100;
const FEW_EDITS = 10;

/** A change of a CR that its operator carries on to one child at once. */
interface Edit {
  readonly spec: (value: string) => object;
  readonly child: AnyKind;
  readonly childOf: (name: string) => string;
}

const EDITS: Readonly<Record<OperatorName, Edit>> = {
  doris: { spec: (value) => ({ fe: { config: { bench: value } } }), child: ConfigMap, childOf: (name) => `${name}-fe-config` },
  hazelcast: { spec: (value) => ({ executorServices: [{ name: value }] }), child: Secret, childOf: (name) => name },
};

/** What is looked at of an object. */
interface Seen {
  readonly status?: unknown;
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly generation?: number | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
}

/** What one run is made of: a cluster, an operator, and somebody who looks on, each in a process of its own. */
interface Stage extends AsyncDisposable {
  readonly api: Api;
  readonly entry: Entry;
  readonly operator: Child;
  readonly sandbox: Child;
  readonly metricsPort: number;
  /** From the start of its process until its caches are filled; ms. */
  readonly readyMs: number;
}

/**
 * One operator with `crs` clusters of its basic example on the sandbox, over HTTPS, three processes. There is no node: every child is made, no pod ever runs, so
 * that the operator is measured and not its databases.
 */
export async function measureOperator(entry: Entry, crs: number): Promise<readonly Figure[]> {
  await using stage = await open(entry);
  const { api, operator } = stage;
  const idleMB = operator.rssMB();
  await bringUp(stage, ['c0']);
  const children = await childrenOfOne(stage);
  const first = await editTimes(
    stage,
    Array.from({ length: FEW_EDITS }, () => 'c0'),
  );
  const names = Array.from({ length: crs - 1 }, (_, index) => `c${index + 1}`);
  const [writesBefore, cpuBefore, began] = [await writes(stage.metricsPort), operator.cpuSeconds(), performance.now()];
  const exist = follow(api, entry, children * crs);
  await bringUp(stage, names);
  const existSeconds = ((await exist) - began) / 1_000;
  const cpuSeconds = operator.cpuSeconds() - cpuBefore;
  const written = (await writes(stage.metricsPort)) - writesBefore;
  const edits = await editTimes(stage, ['c0', ...names].slice(0, MANY_EDITS));
  const goals = crs >= 1_000 ? { exist: '≤ 30 s', edit50: '≤ 10 ms', edit99: '≤ 50 ms', rss: '≤ 255 MB' } : { exist: '≤ 4 s', rss: undefined };
  return [
    { name: `${entry.title}: operator's start until it is ready`, value: stage.readyMs, unit: 'ms' },
    { name: 'operator alone, resident memory', value: idleMB, unit: 'MB', goal: '≤ 90 MB' },
    { name: 'an edit to the first write on a child, one cluster (p50)', value: percentile(first, 0.5), unit: 'ms' },
    { name: `${crs} clusters from apply until all ${children * crs} children exist`, value: existSeconds, unit: 's', goal: goals.exist },
    { name: 'writes for each child, status included', value: written / (children * names.length), unit: '', goal: '≤ 1.2' },
    { name: "the operator's processor time until nothing is left but to wait for pods", value: cpuSeconds, unit: 's' },
    { name: `an edit to the first write on a child, ${crs} clusters (p50)`, value: percentile(edits, 0.5), unit: 'ms', goal: goals.edit50 },
    { name: 'the same (p99)', value: percentile(edits, 0.99), unit: 'ms', goal: goals.edit99 },
    { name: `operator, resident memory with ${crs} clusters`, value: operator.rssMB(), unit: 'MB', goal: goals.rss },
    { name: `sandbox, resident memory with ${crs} clusters and ${children * crs} children`, value: stage.sandbox.rssMB(), unit: 'MB' },
  ].map(({ goal, ...figure }) => ({ ...figure, ...(goal === undefined ? {} : { goal }) }));
}

async function open(entry: Entry): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  const sandbox = opened.use(await start(['sandbox', '--operators', 'none', '--no-node', '--kubeconfig', kubeconfig], /KUBECONFIG=/));
  const clock = systemClock();
  const transport = undiciTransport(loadKubeconfig({ path: kubeconfig, env: {} }), { clock });
  const api = opened.use(connect({ clock, userAgent: 'bench', transport }));
  await install(api, entry, entry.create({ network: tcpNetwork(), clock, log: silentLogger }));
  const metricsPort = await freePort();
  const operator = opened.use(
    await start(['operator', entry.name, '--kubeconfig', kubeconfig, '--health-port', String(metricsPort), '--log-level', 'info'], /"starts"/),
  );
  while (!(await isUp(metricsPort))) await clock.sleep(20, new AbortController().signal);
  const readyMs = performance.now() - operator.startedMs;
  const all = opened.move();
  return { api, entry, operator, sandbox, metricsPort, readyMs, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** How many children a cluster has; there is one. */
async function childrenOfOne({ api, entry }: Stage): Promise<number> {
  const lists = await Promise.all(ownedKinds(entry).map((kind) => api.list(kind, where(kind))));
  return lists.flatMap(({ items }) => items).filter(isOurs).length;
}

/** One watch of a kind in the namespace: `seen` resolves with `performance.now()` when an object matches, from now on; ms. */
interface Follower extends AsyncDisposable {
  seen(matches: (object: Seen) => boolean): Promise<number>;
}

async function follower(api: Api, kind: AnyKind): Promise<Follower> {
  const waiting = new Set<(object: Seen) => void>();
  const closed = new AbortController();
  const { resourceVersion } = await api.list(kind, { namespace: NAMESPACE });
  const running = (async () => {
    for await (const event of api.watch(kind, { namespace: NAMESPACE, resourceVersion, signal: closed.signal }))
      if (event.type !== 'BOOKMARK') for (const look of waiting) look(event.object as Seen);
  })().catch((error: unknown) => {
    if (!closed.signal.aborted) throw error;
  });
  return {
    seen(matches) {
      const { promise, resolve } = Promise.withResolvers<number>();
      const look = (object: Seen): void => {
        if (!matches(object)) return;
        waiting.delete(look);
        resolve(performance.now());
      };
      waiting.add(look);
      return promise;
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
      await running;
    },
  };
}

/** `performance.now()` when so many children exist; ms. */
async function follow(api: Api, entry: Entry, count: number): Promise<number> {
  const seen = new Set<string>();
  const enough = new AbortController();
  await Promise.all(
    ownedKinds(entry).map(async (kind) => {
      try {
        for await (const event of api.watch(kind, { ...where(kind), sendInitialEvents: true, signal: enough.signal })) {
          if (event.type === 'BOOKMARK' || !isOurs(event.object)) continue;
          seen.add(event.object.metadata.uid);
          if (seen.size >= count) enough.abort();
        }
      } catch (error) {
        if (!enough.signal.aborted) throw error;
      }
    }),
  );
  return performance.now();
}

function ownedKinds(entry: Entry): readonly AnyKind[] {
  const { controllers } = entry.create({ network: tcpNetwork(), clock: systemClock(), log: silentLogger });
  const [main] = controllers;
  const owned = new Map(main!.steps.flatMap(({ needs }) => needs.owns ?? []).map((kind) => [`${kind.group}/${kind.plural}`, kind]));
  return [...owned.values()].filter(({ kind }) => !MADE_BY_STATEFUL_SETS.includes(kind));
}

/** An operator may delete these; it makes none. */
const MADE_BY_STATEFUL_SETS = ['Pod', 'PersistentVolumeClaim'];

const where = ({ scope }: AnyKind) => (scope === 'Namespaced' ? { namespace: NAMESPACE } : {});

/** Whether an operator made it for one of our clusters. */
function isOurs({ metadata }: Seen): boolean {
  return /^c\d+$/.test(metadata.labels?.['app.kubernetes.io/instance'] ?? '');
}

/** From an edit's request being sent to the first write on its child having been seen; ms each, one after the other. */
async function editTimes({ api, entry }: Stage, names: readonly string[]): Promise<readonly number[]> {
  const { spec, child, childOf } = EDITS[entry.name];
  await using children = await follower(api, child);
  await using clusters = await follower(api, entry.resources[0]!);
  const times: number[] = [];
  for (const [index, name] of names.entries()) {
    const value = `bench-${index}-`;
    const seen = children.seen((object) => object.metadata.name === childOf(name) && contentOf(object).includes(value));
    const began = performance.now();
    const edited = await api.patch(entry.resources[0]!, { namespace: NAMESPACE, name }, { type: 'merge', body: { spec: spec(value) } });
    times.push((await seen) - began);
    // What else follows from this edit is not to be waited for by the next.
    const { generation } = edited.metadata;
    const told = clusters.seen((object) => object.metadata.name === name && observed(object) === generation);
    if (observed(await api.get(entry.resources[0]!, { namespace: NAMESPACE, name })) !== generation) await told;
  }
  return times;
}

const observed = ({ status }: Seen): number | undefined => (status as { readonly observedGeneration?: number } | undefined)?.observedGeneration;

/** Why a cluster is not Ready when all that it needs is there but pods that run. */
const WAITS_FOR_PODS = ['FrontEndsStarting', 'MembersStarting'];

function waitsForPods({ status }: Seen): boolean {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly reason: string }[] };
  return conditions.some(({ type, reason }) => type === 'Ready' && WAITS_FOR_PODS.includes(reason));
}

/** All that an object says, in clear. */
function contentOf(object: Seen & { readonly data?: Readonly<Record<string, string>> }): string {
  const decoded = Object.values(object.data ?? {}).map((text) => Buffer.from(text, 'base64').toString());
  return JSON.stringify([object, decoded]);
}

/** Applies clusters of these names and waits until each lacks nothing but pods that run. */
async function bringUp({ api, entry }: Stage, names: readonly string[]): Promise<void> {
  const waiting = new Set(names);
  const kind = entry.resources[0]!;
  await using clusters = await follower(api, kind);
  const all = clusters.seen((object) => {
    if (waitsForPods(object)) waiting.delete(object.metadata.name);
    return waiting.size === 0;
  });
  await parallel(names, (name) => api.apply(kind, example(entry, name), { fieldManager: 'bench' }));
  await all;
}

function example(entry: Entry, name: string): { readonly metadata: { readonly name: string } } {
  const object = parse(readFileSync(new URL(`../examples/${entry.name}/basic.yaml`, import.meta.url), 'utf8')) as object;
  return { ...object, metadata: { namespace: NAMESPACE, name } } as { readonly metadata: { readonly name: string } };
}

async function isUp(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** What the operator has sent so far that is no read. */
async function writes(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const counts = [...text.matchAll(/^rest_client_requests_total\{[^}]*method="(?!GET)[A-Z]+"[^}]*\} (\d+)/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
