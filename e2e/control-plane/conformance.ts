import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run as runTests } from 'node:test';
import { conformance as listed, realControllers } from '../differences.ts';
import type { CaseDifference } from '../differences.ts';
import type { Version } from './binary.ts';
import { share, SHARED } from './target.ts';
import type { Cluster } from './with-nodes.ts';

/** What came of the cases on one version. */
export interface CasesReport {
  readonly version: Version;
  readonly ran: number;
  readonly passed: number;
  /** Failed as listed. */
  readonly differ: number;
  readonly skipped: number;
  /** What is wrong: empty when all is well. */
  readonly wrong: readonly string[];
}

const FOLDER = join(import.meta.dirname, '..');
/** Cases, and clients that people write in other languages or with other libraries. */
const FILES: readonly string[] = ['conformance/*.test.ts', 'clients/client-node.test.ts', 'clients/client-go.proof.ts'];
const WITHIN_MS = 300_000;

/** Runs `e2e/conformance` and clients on a cluster that runs. A case may fail if it is listed, and then must: a difference that is gone is to be taken off the list. */
export async function runCases(cluster: Cluster): Promise<CasesReport> {
  const { version } = cluster;
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-cases-'));
  const file = join(folder, 'cluster.json');
  share(cluster.cluster, file);
  try {
    const differences = listed.filter(({ versions }) => versions === undefined || versions.includes(version));
    return { version, ...(await run(FILES, { TARGET: 'control-plane', [SHARED]: file }, differences)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Cases that need controllers. */
const CONTROLLED = ['deletion', 'deployment', 'eviction', 'job', 'service', 'stateful-set', 'volume'].map((name) => `conformance/${name}.test.ts`);

/** Case 79: the real kube-controller-manager on the sandbox's API server, by the cases that need controllers. */
export async function runRealControllers(): Promise<Omit<CasesReport, 'version'>> {
  return run(CONTROLLED, { TARGET: 'real-controllers' }, realControllers);
}

async function run(
  patterns: readonly string[],
  env: Readonly<Record<string, string>>,
  differences: readonly CaseDifference[],
): Promise<Omit<CasesReport, 'version'>> {
  const known = new Map(differences.map((one) => [one.case, one]));
  const passed: string[] = [];
  const skipped: string[] = [];
  const failed = new Map<string, string>();
  try {
    Object.assign(process.env, env);
    const files = globSync(patterns, { cwd: FOLDER })
      .toSorted()
      .map((name) => join(FOLDER, name));
    // One file after another: what some measure (versions, times) is the whole cluster's.
    for await (const { type, data } of runTests({ files, concurrency: 1, timeout: WITHIN_MS })) {
      if (type === 'test:pass' && data.details.type !== 'suite') (data.skip === undefined ? passed : skipped).push(data.name);
      if (type === 'test:fail') failed.set(data.name, String(data.details.error.cause ?? data.details.error));
    }
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
  const unlisted = [...failed].filter(([name]) => !known.has(name)).map(([name, error]) => `fails and is not listed in e2e/differences.ts: ${name}: ${error}`);
  const over = [...known.keys()].filter((name) => !failed.has(name)).map((name) => `is listed in e2e/differences.ts and does not differ: ${name}`);
  return {
    ran: passed.length + failed.size,
    passed: passed.length,
    differ: failed.size - unlisted.length,
    skipped: skipped.length,
    wrong: [...unlisted, ...over],
  };
}
