import { parseArgs } from 'node:util';
import { systemClock } from '@binnacle/client';
import { VERSIONS } from '../control-plane/binary.ts';
import type { Version } from '../control-plane/binary.ts';
import { differential } from '../differences.ts';
import { printFound } from './print.ts';
import { compare, startPair } from './run.ts';

// `node e2e/differential/main.ts --requests 100000 --seed 7`: compares until so many requests were sent, and tells what differs, shrunk.
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    version: { type: 'string', default: VERSIONS[0] },
    'no-shrink': { type: 'boolean', default: false },
  },
});
const write = (line: string) => void process.stdout.write(`${line}\n`);
const clock = systemClock();
const began = clock.monotonic();
await using pair = await startPair(values.version as Version, write);
const options = {
  seed: Number(values.seed),
  requests: Number(values.requests),
  known: differential.map(({ signature }) => signature),
  shrinks: !values['no-shrink'],
};
const { compared, scripts, alike, found, met } = await compare(pair, options);
printFound(found, write);
const listed = `${differential.length} are listed, ${met.filter((times) => times > 0).length} of them met`;
write(
  `\n${compared} answers in ${scripts} scripts compared, ${alike} scripts alike to the end: ${found.length} differences that are not listed; ${listed}; ${((clock.monotonic() - began) / 60_000).toFixed(1)} minutes`,
);
if (found.length > 0) process.exitCode = 1;
