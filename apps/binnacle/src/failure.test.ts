import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
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

test('a place that cannot be written is named, and what to do', async () => {
  const text = await said(['sandbox', '--operators', 'none', '--kubeconfig', kubeconfig, '--state', join(folder, 'file')]);
  assert.match(text, /file.*: a file stands where a folder is wanted/);
});

test('output that cannot be written is a sentence, not a trace', async () => {
  assert.match(await said(['manifests', 'crds'], openSync('/dev/full', 'w')), /^binnacle: ENOSPC: no space left on device, write: the disk is full.*\n$/);
});

test('what the machine says gets advice, and what says all by itself is told as it is', () => {
  assert.match(failure(Object.assign(new Error('EISDIR: …, open'), { code: 'EISDIR', syscall: 'open' })), /: this is a folder: name a file in it$/);
  assert.equal(failure(new Error('no context "x"; there are: y')), 'no context "x"; there are: y');
  assert.equal(failure('text'), 'text');
});
