#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';

// Stripping types is done once for all runs: a command starts sooner, and its process holds no compiler. Where the folder cannot be written, it is done each time.
enableCompileCache(join(cacheFolder(), 'code'));
const { binnacle } = await import('./program.ts');

try {
  await binnacle().parseAsync();
} catch (error) {
  process.stderr.write(`binnacle: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
