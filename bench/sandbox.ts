import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { connect, loadKubeconfig, systemClock, undiciTransport } from '@binnacle/client';
import type { Api, Transport } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import { start } from './child.ts';
import { parallel } from './table.ts';
import type { Figure } from './table.ts';

const OBJECTS = 3_000;
const CALLS = 500;
const PARALLEL = 16;
const WATCHERS = 20;

/** The sandbox with both operators and nothing to do, one process. */
export async function measureIdle(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
  try {
    await using idle = await start(['sandbox', '--kubeconfig', join(folder, 'kubeconfig')], /KUBECONFIG=/);
    const startMs = performance.now() - idle.startedMs;
    return [
      { name: 'sandbox with both operators: from the command to its kubeconfig', value: startMs, unit: 'ms' },
      { name: 'the same, resident memory when idle', value: idle.rssMB(), unit: 'MB', goal: '≤ 150 MB' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sandbox alone: its start, and calls and watches on one in a process of its own. */
export async function measureSandbox(): Promise<readonly Figure[]> {
  const startMs = await startsIn();
  const clock = systemClock();
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  try {
    await using sandbox = await start(['sandbox', '--operators', 'none', '--no-node', '--kubeconfig', kubeconfig], /KUBECONFIG=/);
    const transport = undiciTransport(loadKubeconfig({ path: kubeconfig, env: {} }), { clock });
    await using api = connect({ clock, userAgent: 'bench', transport });
    await configMap(api, 'warm-up');
    const cpuBefore = sandbox.cpuSeconds();
    const creates = await rate((index) => configMap(api, `c${index}`));
    const createMs = ((sandbox.cpuSeconds() - cpuBefore) * 1000) / OBJECTS;
    const gets = await rate((index) => api.get(ConfigMap, { namespace: 'default', name: `c${index}` }));
    const one = performance.now();
    for (let call = 0; call < CALLS; call++) await api.get(ConfigMap, { namespace: 'default', name: 'c1' });
    const callMs = (performance.now() - one) / CALLS;
    const events = await fanOut(api);
    return [
      { name: "sandbox in a test's process: start to answering over HTTPS", value: startMs, unit: 'ms', goal: '≤ 1,000 ms' },
      { name: 'creates, 16 at a time', value: creates, unit: '/s', goal: '≥ 3,000/s' },
      { name: "the sandbox's processor time for each", value: createMs, unit: 'ms' },
      { name: 'gets, 16 at a time', value: gets, unit: '/s' },
      { name: 'one get after the other', value: callMs, unit: 'ms' },
      { name: 'of that the client: a call whose answer is there at once', value: await overhead(), unit: 'ms', goal: '≤ 0.3 ms' },
      { name: `events to ${WATCHERS} watchers`, value: events, unit: 'events/s' },
      { name: "the sandbox's resident memory after it", value: sandbox.rssMB(), unit: 'MB' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How long it takes a test to have a sandbox; ms. */
async function startsIn(): Promise<number> {
  const began = performance.now();
  await using sandbox = await startSandbox({ clock: systemClock(), log: silentLogger, images: [] });
  await sandbox.listen();
  return performance.now() - began;
}

/** What a call costs beside the line and the server; ms. */
async function overhead(): Promise<number> {
  const body = Buffer.from(
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c1', namespace: 'default' }, data: { text: 'x'.repeat(200) } }),
  );
  const transport: Transport = {
    send: () => Promise.resolve({ status: 200, headers: { 'content-type': 'application/json' }, body: Readable.from([body]) }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using api = connect({ clock: systemClock(), userAgent: 'bench', transport });
  const began = performance.now();
  for (let call = 0; call < OBJECTS; call++) await api.get(ConfigMap, { namespace: 'default', name: 'c1' });
  return (performance.now() - began) / OBJECTS;
}

function configMap(api: Api, name: string): Promise<unknown> {
  return api.create(ConfigMap, { metadata: { namespace: 'default', name }, data: { text: 'x'.repeat(200) } });
}

/** Calls a second, over all objects. */
async function rate(call: (index: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await parallel(
    Array.from({ length: OBJECTS }, (_, index) => index),
    call,
    PARALLEL,
  );
  return OBJECTS / ((performance.now() - began) / 1000);
}

/** Deliveries a second when every watcher sees every object. */
async function fanOut(api: Api): Promise<number> {
  const began = performance.now();
  const follow = async () => {
    let seen = 0;
    for await (const event of api.watch(ConfigMap, { namespace: 'default', sendInitialEvents: true })) {
      if (event.type !== 'BOOKMARK') seen += 1;
      if (seen >= OBJECTS) return;
    }
  };
  await Promise.all(Array.from({ length: WATCHERS }, follow));
  return (OBJECTS * WATCHERS) / ((performance.now() - began) / 1000);
}
