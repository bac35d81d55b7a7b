import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { OPERATOR_NAMES } from '../src/operator-names.ts';

const at = (path: string): string => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href);

/** What a process has loaded that has done so. */
function loadedBy(does: string): readonly string[] {
  const program = `
    import { createRequire, registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ resolve: (specifier, context, next) => { const found = next(specifier, context); loaded.push(found.url); return found; } });
    ${does}
    console.log(JSON.stringify([...loaded, ...process.moduleLoadList, ...Object.keys(createRequire(process.cwd() + '/').cache)]));
  `;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })) as readonly string[];
}

for (const name of OPERATOR_NAMES)
  test(`${name}: an operator that has nothing to do loads no simulator, no database driver and not Node's own fetch`, () => {
    const loaded = loadedBy(`
      await import(${at('commands/operator.ts')});
      const { loadEntry } = await import(${at('entries/load.ts')});
      await loadEntry('${name}');
    `);
    assert.ok(
      loaded.some((one) => one.includes('packages/runtime/src/operator/run.ts')),
      'the list is of what is loaded',
    );
    assert.deepEqual(
      loaded.filter((one) => /\/simulator\/|node_modules\/(mysql2|fflate)\/|internal\/deps\/undici/.test(one)),
      [],
    );
  });

test("a sandbox with both operators and their simulators does not load Node's own fetch", () => {
  const loaded = loadedBy(`
    await import(${at('cluster.ts')});
    const { entries } = await import(${at('operators.ts')});
    entries();
    await import(${at('../../../operators/hazelcast/src/simulator/index.ts')});
    await import(${at('../../../operators/doris/src/simulator/index.ts')});
  `);
  assert.ok(
    loaded.some((one) => one.includes('operators/hazelcast/src/simulator/')),
    'the list is of what is loaded',
  );
  assert.deepEqual(
    loaded.filter((one) => one.includes('internal/deps/undici')),
    [],
  );
});
