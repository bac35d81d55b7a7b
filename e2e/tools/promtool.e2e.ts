import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/**
 * What operators write for Prometheus, judged by Prometheus' own tool. Debian's is built without the discovery of pods, so that one section is exchanged for
 * another before it looks: all else, relabelling above all, is as it was generated.
 */
const GOLDEN = fileURLToPath(new URL('../../operators/doris/test/golden/', import.meta.url));

interface Generated {
  readonly kind?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Every generated `prometheus.yml`, by the golden file it is in. */
const configurations = readdirSync(GOLDEN).flatMap((name) =>
  parseAllDocuments(readFileSync(join(GOLDEN, name), 'utf8'))
    .map((document) => document.toJS() as Generated | null)
    .filter((object) => object?.kind === 'ConfigMap' && object.data?.['prometheus.yml'] !== undefined)
    .map((object) => ({ name, text: object!.data!['prometheus.yml']! })),
);

function check(generated: string) {
  const text = generated.replaceAll(/ {4}kubernetes_sd_configs:\n {6}- role: pod\n {8}namespaces:\n {10}names: .*\n/g, '    static_configs: []\n');
  const folder = mkdtempSync(join(tmpdir(), 'promtool-'));
  try {
    writeFileSync(join(folder, 'prometheus.yml'), text);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' });
    return { ok: status === 0, said: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('every generated scrape configuration is one that Prometheus takes', (t) => {
  assert.ok(configurations.length > 0 && configurations.every(({ text }) => text.includes('role: pod\n        namespaces:')));
  for (const { name, text } of configurations) {
    const { ok, said } = check(text);
    assert.ok(ok, `${name}: ${said}`);
  }
  t.diagnostic(`${configurations.length} configurations, ${execFileSync('promtool', ['--version'], { encoding: 'utf8' }).split('\n')[0]}`);
});

test('promtool would have seen a mistake in one of them', () => {
  assert.ok(!check(configurations[0]!.text.replace('action: keep', 'action: kept')).ok);
});
