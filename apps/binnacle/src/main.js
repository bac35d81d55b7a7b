#!/usr/bin/env node
// JavaScript, so that it runs before types can be stripped: an older Node is told what it lacks, and no process keeps a compiler once sources are in the cache.
import nodeModule from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { cacheFolder } from './cache-folder.js';

const NODE_NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NODE_NEEDED) {
  process.stderr.write(
    `binnacle: needs Node ${NODE_NEEDED} and runs on ${process.versions.node}. npx binnacle, and npm scripts, use the one that npm installed\n`,
  );
  process.exit(1);
}
// Whoever reads our output may have read enough: `binnacle manifests crds | head`.
process.stdout.on('error', (error) => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
  process.exit(0);
});
// Operators live long and keep little: garbage is collected at half as much again as is in use instead of four times as much, and what is young has 4 MB instead of
// as much as it likes; with 1 MB a third of an operator's processor time went into copying it. undici's small parser is not compiled a second time for speed, which
// takes 9 MB once and for good. V8 heeds these two only as it starts: hence the same process begins anew, where a system can do that.
const AT_START = ['--max-semi-space-size=4', '--liftoff-only'];
if (process.argv[2] === 'operator') {
  const missing = AT_START.filter((flag) => !process.execArgv.some((arg) => arg.split('=')[0] === flag.split('=')[0]));
  if (process.execve !== undefined && process.platform !== 'win32' && missing.length > 0)
    process.execve(process.execPath, [process.execPath, ...missing, ...process.execArgv, ...process.argv.slice(1)], process.env);
  setFlagsFromString('--heap-growing-percent=50');
}
// Where the folder cannot be written, types are stripped at each start.
nodeModule.enableCompileCache(join(cacheFolder(), 'code'));
const { binnacle } = await import('./program.ts');

try {
  await binnacle().parseAsync();
} catch (error) {
  process.stderr.write(`binnacle: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
