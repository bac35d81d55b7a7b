import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReady, systemClock, until } from '@binnacle/client';
import type { Api } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import { parse } from 'yaml';
import { startLocalCluster } from '../apps/binnacle/src/cluster.ts';
import type { Entry } from '../apps/binnacle/src/operators.ts';
import { percentile } from './table.ts';
import type { Figure } from './table.ts';

const EDITS = 20;

/** One operator with `crs` clusters of its basic example, over HTTPS, the sandbox in the same process. */
export async function measureOperator(entry: Entry, crs: number): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-bench-'));
  try {
    const clock = systemClock();
    await using cluster = await startLocalCluster({
      port: 0,
      kubeconfig: join(folder, 'kubeconfig'),
      state: undefined,
      operators: [entry.name],
      clock,
      log: silentLogger,
    });
    const { api } = cluster;
    const [kind] = entry.resources;
    const object = parse(readFileSync(new URL(`../examples/${entry.name}/basic.yaml`, import.meta.url), 'utf8')) as object;
    const names = Array.from({ length: crs }, (_, index) => `c${index}`);
    const began = performance.now();
    const cpu = process.cpuUsage();
    for (const name of names) await api.apply(kind!, { ...object, metadata: { namespace: 'default', name } }, { fieldManager: 'bench' });
    const { signal } = new AbortController();
    await Promise.all(names.map((name) => until(api, kind!, { namespace: 'default', name }, (now) => now !== undefined && isReady(now), signal)));
    const readySeconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const edits = await editTimes(api, entry, names);
    return [
      { name: `${entry.title}: ${crs} clusters from apply to Ready`, value: readySeconds, unit: 's' },
      { name: 'processor time for it, sandbox and databases included', value: (user + system) / 1e6, unit: 's' },
      { name: `an edit to the first write on a child, with ${crs} clusters (p50)`, value: percentile(edits, 0.5), unit: 'ms', goal: '≤ 10 ms' },
      { name: 'the same (p99)', value: percentile(edits, 0.99), unit: 'ms', goal: '≤ 50 ms' },
      { name: 'resident memory, all in one process', value: process.memoryUsage().rss / 1e6, unit: 'MB' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How long an annotation for the pods takes from the CR to the StatefulSet's template; ms each. */
async function editTimes(api: Api, entry: Entry, names: readonly string[]): Promise<readonly number[]> {
  const times: number[] = [];
  const { signal } = new AbortController();
  for (const name of names.slice(0, EDITS)) {
    const [patch, set] =
      entry.name === 'doris' ? [{ spec: { be: { annotations: { bench: 'edit' } } } }, `${name}-be`] : [{ spec: { annotations: { bench: 'edit' } } }, name];
    const seen = until(api, StatefulSet, { namespace: 'default', name: set }, (now) => JSON.stringify(now ?? {}).includes('"bench":"edit"'), signal);
    const began = performance.now();
    await api.patch(entry.resources[0]!, { namespace: 'default', name }, { type: 'merge', body: patch });
    await seen;
    times.push(performance.now() - began);
  }
  return times;
}
