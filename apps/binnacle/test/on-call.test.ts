import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { prometheus } from '@binnacle/runtime';
import { entries } from '../src/operators.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/on-call.md`, 'utf8');

test('the page for whoever is on call names each metric that is served, and none that is not', async () => {
  const served = (await prometheus().registry.getMetricsAsJSON()).map(({ name }) => name);
  assert.ok(served.length > 15);
  assert.deepEqual(
    served.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
  const named = [...page.matchAll(/\b(?:controller_runtime|workqueue|rest_client|leader_election|runtime)_\w+/g)].map(([name]) => name);
  assert.deepEqual(
    named.filter((name) => !served.includes(name)),
    [],
  );
});

test('lines of the log that it explains are written somewhere', () => {
  const code = globSync('{packages/runtime,apps/binnacle}/src/**/*.ts', { cwd: root })
    .map((file) => readFileSync(root + file, 'utf8'))
    .join('\n');
  const [, section = ''] = /## 2\.([^]*?)## 3\./.exec(page) ?? [];
  const lines = [...section.matchAll(/^\| `([^`]*[a-z] [^`]*|message)`/gm)].map(([, line]) => line!).filter((line) => line !== 'message');
  assert.ok(lines.length > 8, `${lines.length} lines`);
  assert.deepEqual(
    lines.filter((line) => !code.includes(`'${line}'`)),
    [],
  );
});

test('what is not Ready is looked for among all kinds that tell it', () => {
  const telling = entries()
    .flatMap(({ resources }) => resources)
    .filter(({ schema }) => schema.properties?.['status']?.properties?.['conditions'] !== undefined);
  assert.ok(telling.length > 7);
  const asked = /kubectl get (\S+) -A -o json/.exec(page)?.[1]?.split(',') ?? [];
  assert.deepEqual(
    telling.map(({ plural }) => plural).filter((plural) => !asked.includes(plural)),
    [],
  );
});
