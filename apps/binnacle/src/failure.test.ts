import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { failure } from './failure.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'binnacle-failure-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const kubeconfig = join(folder, 'kubeconfig');
writeFileSync(join(folder, 'file'), '');

/** A command that fails, and what it says. */
async function said(args: readonly string[], stdout: 'ignore' | number = 'ignore'): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', stdout, 'pipe'] });
  let text = '';
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 1, text);
  return text;
}

test('a port that is taken is named, and what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  try {
    const { port } = taken.address() as AddressInfo;
    const text = await said(['sandbox', '--operators', 'none', '--kubeconfig', kubeconfig, '--port', String(port)]);
    assert.match(text, new RegExp(`127\\.0\\.0\\.1:${port}: another process has this port`));
    assert.equal(text.split('\n').length, 2, 'one line');
  } finally {
    taken.close();
  }
});

const damaged = join(folder, 'damaged');
mkdirSync(join(damaged, 'api'), { recursive: true });
writeFileSync(join(damaged, 'api', 'secrets.json'), 'token');
for (const [what, place, words] of [
  ['a file', join(folder, 'file'), /^binnacle: E(EXIST|NOTDIR).*file.*: a file stands where a folder is wanted: choose another place\n$/],
  ['in a file', join(folder, 'file', 'x'), /^binnacle: E(EXIST|NOTDIR).*file.*: a file stands where a folder is wanted: choose another place\n$/],
  ['where there are no folders', '/proc/x', /^binnacle: ENOENT.*'\/proc\/x': there is no such place: choose another one\n$/],
  ['a folder of something else', damaged, /^binnacle: .*damaged\/api\/secrets\.json: not what a sandbox wrote, or damaged: choose another folder, or .*\n$/],
] as const)
  test(`a state that cannot be kept is refused in a line that says what to do: ${what}`, { timeout: 60_000 }, async () => {
    assert.match(await said(['sandbox', '--operators', 'none', '--kubeconfig', kubeconfig, '--port', '0', '--state', place]), words);
  });

test('a kubeconfig that can be written nowhere is refused in a line', { timeout: 60_000 }, async () => {
  const text = await said(['sandbox', '--operators', 'none', '--port', '0', '--kubeconfig', '/proc/x/kubeconfig']);
  assert.match(text, /^binnacle: ENOENT.*: there is no such place.*\n$/);
});

test('a state that another sandbox keeps is refused in a line that names its process', { timeout: 60_000 }, async () => {
  const kept = join(folder, 'kept', 'api');
  mkdirSync(kept, { recursive: true });
  // This process lives: what the lock of one that does says.
  writeFileSync(join(kept, 'lock'), String(process.pid));
  const text = await said(['sandbox', '--operators', 'none', '--kubeconfig', kubeconfig, '--port', '0', '--state', join(folder, 'kept')]);
  assert.match(text, new RegExp(`^binnacle: .*kept/api/lock: process ${process.pid} is using this state directory.*\\n$`));
});

test('output that cannot be written is a sentence, not a trace', async () => {
  assert.match(await said(['manifests', 'crds'], openSync('/dev/full', 'w')), /^binnacle: ENOSPC: no space left on device, write: the disk is full.*\n$/);
});

test('what the machine says gets advice, and what says all by itself is told as it is', () => {
  assert.match(failure(Object.assign(new Error('EISDIR: …, open'), { code: 'EISDIR', syscall: 'open' })), /: this is a folder: name a file in it$/);
  assert.equal(failure(new Error('no context "x"; there are: y')), 'no context "x"; there are: y');
  assert.equal(failure('text'), 'text');
});
