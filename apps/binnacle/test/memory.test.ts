import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../src/cluster.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
/** What V8 tells of a collection that was asked for and gives back all that it can. */
const GAVE_BACK = /Mark-Compact \(reduce\).* testing;/;

/** What a command and V8 say until one of them has said `last`. */
async function saidUntil(last: RegExp, args: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--trace-gc', MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const said: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      said.push(line);
      if (last.test(line)) return said;
    }
    return assert.fail(`it ended and never said ${last.source}:\n${said.join('\n')}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

test('a sandbox and an operator give back the memory that only their start needed', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-memory-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const said = await saidUntil(/^KUBECONFIG=/, ['sandbox', '--operators', 'none', '--no-node', '--kubeconfig', join(folder, 'sandbox')]);
  assert.ok(
    said.some((line) => GAVE_BACK.test(line)),
    said.join('\n'),
  );

  const kubeconfig = join(folder, 'kubeconfig');
  opened.use(await startLocalCluster({ port: 0, kubeconfig, state: undefined, operators: [], clock: systemClock(), log: silentLogger }));
  await saidUntil(GAVE_BACK, ['operator', 'doris', '--kubeconfig', kubeconfig]);
});

test('nothing is compiled for speed while modules are loaded, and everything afterwards', () => {
  const program = `
    const { unoptimized } = await import(${JSON.stringify(new URL('../src/memory.js', import.meta.url).href)});
    const often = (call) => { for (let index = 0; index < 2e6; index++) call(index); };
    await unoptimized(async () => often(function whileLoading(value) { return value + 1; }));
    often(function afterwards(value) { return value + 1; });
  `;
  const said = execFileSync(process.execPath, ['--trace-opt', '--input-type=module', '-e', program], { encoding: 'utf8' });
  const compilersOf = (name: string) =>
    new Set([...said.matchAll(new RegExp(`JSFunction ${name} .* for optimization to (\\w+),`, 'g'))].map(([, compiler]) => compiler));
  assert.deepEqual(compilersOf('whileLoading'), new Set());
  assert.deepEqual(compilersOf('afterwards'), new Set(['MAGLEV', 'TURBOFAN_JS']));
});
