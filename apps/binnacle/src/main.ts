#!/usr/bin/env node
import { binnacle } from './program.ts';

try {
  await binnacle().parseAsync();
} catch (error) {
  process.stderr.write(`binnacle: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
