import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { REGRESSIONS } from './regressions.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The packages once more, where they may be broken: their own imports lead to the copies, all others to what is installed here. */
function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-regressions-'));
  after(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, 'packages'), join(folder, 'packages'), { recursive: true });
  mkdirSync(join(folder, 'node_modules', '@binnacle'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@binnacle') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  for (const name of readdirSync(join(root, 'packages'))) symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules', '@binnacle', name));
  return folder;
}

const LIMIT_MS = 120_000;

interface Run {
  readonly passed: boolean;
  /** How many tests there were. */
  readonly count: number;
  readonly ms: number;
}

/** Whether the tests of a number pass. Those that have not ended within `limitMs` do not: a cause may be a test that never ends. */
function run(folder: string, file: string, number: number, limitMs: number): Run {
  const begun = performance.now();
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // else it would report to us instead of to the pipe
  const named = `\\(regressions? ([0-9, ]+, )?${number}[,)]`;
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-isolation=none', '--test-reporter=tap', `--test-name-pattern=${named}`, file], {
    cwd: folder,
    encoding: 'utf8',
    env,
    timeout: limitMs,
    killSignal: 'SIGKILL', // one process, so that nothing is left of it
  });
  return { passed: status === 0, count: Number(/^# tests (\d+)$/m.exec(stdout)?.[1] ?? 0), ms: Math.round(performance.now() - begun) };
}

test('each pain is felt by its test when its cause is put back', (t) => {
  const folder = copied();
  const unfelt: string[] = [];
  for (const { number, pain, test: file, cause } of REGRESSIONS) {
    const sound = readFileSync(join(root, cause.file), 'utf8');
    const { passed, count, ms } = run(folder, file, number, LIMIT_MS);
    assert.ok(passed && count > 0, `regression ${number}: its ${count} tests do not pass as it is`);
    writeFileSync(
      join(folder, cause.file),
      sound.replace(cause.is, () => cause.was),
    );
    if (run(folder, file, number, Math.min(LIMIT_MS, 10_000 + 10 * ms)).passed) unfelt.push(`${number}: ${pain}`);
    writeFileSync(join(folder, cause.file), sound);
  }
  assert.deepEqual(unfelt, []);
  t.diagnostic(`${REGRESSIONS.length} of ${REGRESSIONS.length} causes put back and felt`);
});
