import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { OPERATOR_NAMES } from '../src/operator-names.ts';

const LOADS = (name: string) => `
  import { createRequire, registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ resolve: (specifier, context, next) => { const found = next(specifier, context); loaded.push(found.url); return found; } });
  await import(${JSON.stringify(new URL('../src/commands/operator.ts', import.meta.url).href)});
  const { loadEntry } = await import(${JSON.stringify(new URL('../src/entries/load.ts', import.meta.url).href)});
  await loadEntry('${name}');
  console.log(JSON.stringify([...loaded, ...process.moduleLoadList, ...Object.keys(createRequire(process.cwd() + '/').cache)]));
`;

for (const name of OPERATOR_NAMES)
  test(`${name}: an operator that has nothing to do loads no simulator, no database driver and not Node's own fetch`, () => {
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', LOADS(name)], { encoding: 'utf8' });
    const loaded = JSON.parse(out) as readonly string[];
    assert.ok(
      loaded.some((one) => one.includes('packages/runtime/src/operator/run.ts')),
      'the list is of what is loaded',
    );
    assert.deepEqual(
      loaded.filter((one) => /\/simulator\/|node_modules\/(mysql2|fflate)\/|internal\/deps\/undici/.test(one)),
      [],
    );
  });
