import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** On a machine without anything: no programs to be found, nothing built. */
function bare(args: readonly string[], CI: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const cache = mkdtempSync(join(tmpdir(), 'e2e-'));
  try {
    const env = { PATH: '/nowhere', BINNACLE_E2E_CACHE: cache, HOME: cache, CI };
    return spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { env, encoding: 'utf8' });
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

test('what is missing for a part is told with how to get it; in CI that is a failure, elsewhere the part is passed over', () => {
  const here = bare([], 'false');
  assert.equal(here.status, 0, here.stderr);
  assert.match(here.stdout, /control-plane: not run.*\n {2}Go is not installed.*Install Go/);
  assert.match(here.stdout, /tools: not run[^]*promtool \(Debian package prometheus\)[^]*install-tools\.sh/);
  assert.match(here.stdout, /cluster: not run[^]*containerd \(Debian package containerd\)/);
  const ci = bare([], 'true');
  assert.equal(ci.status, 1);
  assert.match(ci.stdout, /FAILED: tools are missing/);
});

test('a part that there is not is refused with those that there are', () => {
  const { status, stderr } = bare(['tool'], 'false');
  assert.equal(status, 1);
  assert.match(stderr, /no part is called tool: there are control-plane, tools, members, cluster/);
});
