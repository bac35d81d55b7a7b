#!/usr/bin/env node
// JavaScript, so that it runs before types can be stripped: an older Node is told what it lacks, and no process keeps a compiler once sources are in the cache.
import { existsSync, readFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { cacheFolder } from './cache-folder.js';
import { unoptimized } from './memory.js';

const NODE_NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NODE_NEEDED) {
  process.stderr.write(
    `binnacle: needs Node ${NODE_NEEDED} and runs on ${process.versions.node}. npx binnacle, and npm scripts, use the one that npm installed\n`,
  );
  process.exit(1);
}
// Whoever reads our output may have read enough: `binnacle manifests crds | head`. Otherwise nobody learns what was to be said: on a full disk, say.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  failed(error)
    .finally(() => process.exit(1))
    .catch(() => undefined);
});
// Who lives long and keeps little is given less room than a program that wants to be fast. What is young has some MB instead of as much as it likes: an operator
// with 1 MB spends a third of its processor time on copying it, a sandbox with 8 MB takes a quarter less memory. And nobody compiles undici's small
// parser a second time for speed, which takes 9 MB once and for good. They may ask for a collection, once they have started (./memory.js). V8 heeds these only as it
// starts: hence the same process begins anew, where a system can do that.
/** @type {Readonly<Record<string, readonly string[]>>} */
const AT_START = {
  operator: ['--max-semi-space-size=4', '--liftoff-only', '--expose-gc'],
  sandbox: ['--max-semi-space-size=8', '--liftoff-only', '--expose-gc'],
  demo: ['--max-semi-space-size=8', '--liftoff-only', '--expose-gc'],
};
const command = process.argv[2] ?? '';
const missing = (AT_START[command] ?? []).filter((flag) => !process.execArgv.some((arg) => arg.split('=')[0] === flag.split('=')[0]));
if (process.execve !== undefined && process.platform !== 'win32' && missing.length > 0)
  process.execve(process.execPath, [process.execPath, ...missing, ...process.execArgv, ...process.argv.slice(1)], process.env);
// Garbage of operators is collected at half as much again as is in use instead of four times as much.
if (command === 'operator') setFlagsFromString('--heap-growing-percent=50');
// In the operators' image types are stripped already. Node goes by the name of a file and would load its stripper all the same: 10 MB for good.
if (existsSync(new URL('../../../types-stripped', import.meta.url))) {
  nodeModule.registerHooks({
    load: (url, context, next) =>
      url.endsWith('.ts') ? { format: 'module', source: readFileSync(new URL(url), 'utf8'), shortCircuit: true } : next(url, context),
  });
} else {
  // Where the folder cannot be written, types are stripped at each start.
  nodeModule.enableCompileCache(join(cacheFolder(), 'code'));
}
const { binnacle } = await unoptimized(() => import('./program.ts'));

try {
  await binnacle().parseAsync();
} catch (error) {
  await failed(error);
}

/** @param {unknown} error */
async function failed(error) {
  const { failure } = await import('./failure.ts');
  process.stderr.write(`binnacle: ${failure(error)}\n`);
  process.exitCode = 1;
}
