import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { systemClock } from '@binnacle/client';
import { missingClientGo } from './clients/client-go.ts';
import { missing as missingForCluster } from './cluster/missing.ts';
import { missingForBinary, VERSIONS } from './control-plane/binary.ts';
import { table } from './table.ts';
import { missing as missingForMembers } from './members/missing.ts';
import { missing as missingForTools } from './tools/missing.ts';

/**
 * The suites on real things, each a process of its own: one part after another, the real cluster beside them; a table of all at the end. A part whose tools are missing is passed over and
 * told; with CI=true that is a failure. Arguments name the parts to run; none: all, or with KUBECONFIG the one on that cluster. `--requests 100000`: the control plane compares so many random requests; 0: none.
 */
interface Part {
  readonly name: string;
  readonly program: readonly string[];
  /** What is not here, and how to get it. */
  readonly missing: () => readonly string[];
  /** Waits more than it works, in namespaces of its own: runs beside the others, and what it says is told when they have ended. */
  readonly beside?: true;
}

const LAST_CHARACTERS = 60_000;
const LAST_LINES = 30;
/** Of what is told as wrong. */
const MOST_LINES = 150;

const { values, positionals } = parseArgs({
  options: { requests: { type: 'string', default: '20000' }, versions: { type: 'string' } },
  allowPositionals: true,
});
const ownCluster = (process.env['KUBECONFIG'] ?? '') !== '';
const PARTS: readonly Part[] = [
  {
    name: 'control-plane',
    program: ['e2e/control-plane/main.ts', '--requests', values.requests, ...(values.versions === undefined ? [] : ['--versions', values.versions])],
    missing: () => [...new Set([...VERSIONS.map(missingForBinary), missingClientGo()].filter((one) => one !== undefined))],
  },
  { name: 'tools', program: ['--test', '--test-concurrency=1', '--test-timeout=120000', 'e2e/tools/*.e2e.ts'], missing: missingForTools },
  { name: 'members', program: ['e2e/members/main.ts'], missing: missingForMembers },
  { name: 'cluster', program: ['e2e/cluster/main.ts'], missing: missingForCluster, beside: true },
  { name: 'own-cluster', program: ['e2e/own-cluster-main.ts'], missing: () => (ownCluster ? [] : ['KUBECONFIG, which says where it is']) },
];
const unknown = positionals.filter((wanted) => !PARTS.some(({ name }) => name === wanted));
if (unknown.length > 0) {
  process.stderr.write(`no part is called ${unknown.join(', ')}: there are ${PARTS.map(({ name }) => name).join(', ')}\n`);
  process.exit(1);
}

const clock = systemClock();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const inCi = process.env['CI'] === 'true';
const rows: string[][] = [['part', '', 'minutes']];
/** Ends of what parts said that failed: told once more below the table, since whoever keeps only the end of a log keeps that. */
const ends: string[] = [];
// With a cluster of one's own, that one and no other, unless others are named.
const wanted = PARTS.filter(({ name }) => (positionals.length > 0 ? positionals.includes(name) : (name === 'own-cluster') === ownCluster));
const here = wanted.filter(isHere);
const companions = here.filter(({ beside }) => beside).map(runBeside);
for (const part of here.filter(({ beside }) => !beside)) {
  say(`\n== ${part.name}`);
  await run(part, (chunk, to) => void to.write(chunk));
}
for (const companion of companions) say(await companion);
say(`\n${table(rows)}`);
for (const end of ends) say(end);

/** Whether all that a part needs is here; tells what is not. */
function isHere({ name, missing }: Part): boolean {
  const lacking = missing();
  if (lacking.length === 0) return true;
  say(
    `${name}: not run, because of what is missing here:\n${lacking.map((one) => `  ${one}`).join('\n')}\n  Debian packages: sudo e2e/cluster/install-tools.sh`,
  );
  rows.push([name, inCi ? 'FAILED: tools are missing' : 'not run: tools are missing', '']);
  if (inCi) process.exitCode = 1;
  return false;
}

/** Runs a part to its end, and returns what it said. */
async function runBeside(part: Part): Promise<string> {
  const said: Buffer[] = [];
  await run(part, (chunk) => void said.push(chunk));
  return `\n== ${part.name}\n${Buffer.concat(said).toString()}`;
}

async function run({ name, program }: Part, hear: (chunk: Buffer, to: NodeJS.WriteStream) => void): Promise<void> {
  const since = clock.monotonic();
  const child = spawn(process.execPath, program, { stdio: ['inherit', 'pipe', 'pipe'] });
  const end = lastLines();
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const)
    from.on('data', (chunk: Buffer) => {
      end.add(chunk.toString());
      hear(chunk, to);
    });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  rows.push([name, code === 0 ? 'well' : `FAILED (${code ?? signal})`, ((clock.monotonic() - since) / 60_000).toFixed(1)]);
  if (code === 0) return;
  process.exitCode = 1;
  ends.push(`\n== the end of ${name}, which failed\n${end.text()}`);
}

/** The end of what a part says: from where it begins to tell what is wrong, if it does so in these words, and never more than so many lines. */
function lastLines(): { add(text: string): void; text(): string } {
  let kept = '';
  return {
    add(text) {
      kept = (kept + text).slice(-LAST_CHARACTERS);
    },
    text() {
      const lines = kept.trimEnd().split('\n');
      const first = lines.findIndex((line) => /^(WRONG |✖ failing tests:)/.test(line));
      return (first === -1 ? lines.slice(-LAST_LINES) : lines.slice(first, first + MOST_LINES)).join('\n');
    },
  };
}
