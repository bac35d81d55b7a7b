import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { conformance, realControllers } from '../differences.ts';
import type { CaseDifference } from '../differences.ts';
import type { ControlPlane } from './control-plane.ts';
import { brief } from './report.ts';
import { share, SHARED } from './target.ts';

/** What came of the cases on one cluster. */
export interface CasesReport {
  readonly ran: number;
  readonly passed: number;
  /** Failed as listed. */
  readonly differ: number;
  /** Passed over: name and reason. */
  readonly skipped: readonly string[];
  /** Failed and not listed. */
  readonly unlisted: readonly string[];
  /** Listed and not failed. */
  readonly over: readonly string[];
}

const FOLDER = join(import.meta.dirname, '..');
/** Cases, and clients that people write in other languages or with other libraries. */
const FILES: readonly string[] = ['conformance/*.test.ts', 'clients/client-node.test.ts', 'clients/client-go.proof.ts'];
/** Of one case, which may wait for several things; longer than `eventually` waits for one. */
const WITHIN_MS = 900_000;

/** Runs all cases on a control plane that runs. A case may fail if it is listed, and then must: a difference that is gone is to be taken off the list. */
export async function runCases({ version, cluster }: Pick<ControlPlane, 'version' | 'cluster'>): Promise<CasesReport> {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-cases-'));
  try {
    const file = join(folder, 'cluster.json');
    share(cluster, file);
    const listed = conformance.filter(({ versions }) => versions === undefined || versions.includes(version));
    return await casesOn({ TARGET: 'control-plane', [SHARED]: file }, listed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Cases that need controllers. */
const CONTROLLED = ['deletion', 'deployment', 'eviction', 'job', 'service', 'stateful-set', 'volume'].map((name) => `conformance/${name}.test.ts`);

/** Case 79: the real kube-controller-manager and kube-scheduler on the sandbox's API server, by the cases that need controllers. */
export async function runRealControllers(): Promise<CasesReport> {
  return casesOn({ TARGET: 'real-controllers' }, realControllers, CONTROLLED);
}

/** Runs cases, by default all and clients too, on the target that these environment variables mean. */
export async function casesOn(
  env: Readonly<Record<string, string>>,
  differences: readonly CaseDifference[],
  patterns: readonly string[] = FILES,
): Promise<CasesReport> {
  const names = new Set(differences.map((one) => one.case));
  const failed = new Map<string, string>();
  const skipped: string[] = [];
  let passed = 0;
  const files = globSync(patterns, { cwd: FOLDER })
    .toSorted()
    .map((name) => join(FOLDER, name));
  // One file after another: what some measure (versions, times) is the whole cluster's.
  for await (const { type, data } of run({ files, concurrency: 1, timeout: WITHIN_MS, env: { ...process.env, ...env } })) {
    if (type === 'test:fail') failed.set(data.name, brief(data.details.error.cause ?? data.details.error));
    if (type !== 'test:pass' || data.details.type === 'suite') continue;
    if (data.skip === undefined) passed += 1;
    else skipped.push(`${data.name}: ${String(data.skip)}`);
  }
  const unlisted = [...failed].filter(([name]) => !names.has(name)).map(([name, error]) => `fails and is not listed in e2e/differences.ts: ${name}: ${error}`);
  const over = [...names].filter((name) => !failed.has(name)).map((name) => `is listed in e2e/differences.ts and does not differ: ${name}`);
  return { ran: passed + failed.size, passed, differ: failed.size - unlisted.length, skipped, unlisted, over };
}
