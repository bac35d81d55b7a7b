import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { cwd: root, encoding: 'utf8' }).split('\n');
const read = (file: string) => readFileSync(root + file, 'utf8');

/** Pages that say of each defect of the operators before where it is shown not to be here. */
const PAGES = [
  { page: 'docs/doris-defects.md', operator: 'operators/doris' },
  { page: 'docs/hazelcast.md', operator: 'operators/hazelcast' },
] as const;

interface Row {
  readonly number: string;
  readonly here: string;
}

/** Rows of the page's table of defects: those with a number, a defect and what is here. */
const rowsOf = (page: string): readonly Row[] =>
  [...read(page).matchAll(/^\| ([\d.]+) +\|[^|]+\|([^|]+)\|$/gm)].map(([, number, here]) => ({ number: number!, here: here!.trim() }));

/** Numbers with which tests of the defects begin: `5, 32: …` is two. */
const tested = (file: string): ReadonlySet<string> =>
  new Set([...read(file).matchAll(/^\s*test\(\s*(['"`])([\d., ]+): /gm)].flatMap((match) => match[2]!.split(', ')));

/** The files that a name in a row can mean. */
const meant = (name: string, operator: string): readonly string[] =>
  files.filter((file) => file === name || (file.startsWith(`${operator}/`) && file.endsWith(`/${name}`)));

/** Rows of hazards, not of defects: their files are the operator's, and carry the number. */
const HAZARDS = /^10\./;

/** A row that leans on a test of `defects.test.ts`, its own (`test`) or another one's (`test 40`, `as 4`). */
function numbersIn({ number, here }: Row): readonly string[] {
  const words = here.replaceAll(/`[^`]*`/g, '');
  const others = [...words.matchAll(/\b(?:test|as) (\d+[\d.]*)/g)].map((match) => match[1]!.replace(/\.$/, ''));
  return [...others, ...(/\btest\b(?! \d)/.test(words) ? [number] : [])];
}

for (const { page, operator } of PAGES) {
  test(`${page}: what each row leans on is there, in a file that holds tests or under its number`, () => {
    const rows = rowsOf(page);
    assert.ok(rows.length > 40, `${rows.length} rows`);
    const numbers = tested(`${operator}/test/defects.test.ts`);
    const own = new Map(rows.map((row) => [row.number, row]));
    for (const row of rows) {
      for (const [, name] of row.here.matchAll(/`([\w./-]+\.ts)`/g)) {
        const found = meant(name!, operator);
        assert.equal(found.length, 1, `${row.number}: ${name} is ${found.length === 0 ? 'not there' : found.join(' and ')}`);
        if (/\.(test|proof)\.ts$/.test(name!)) assert.match(read(found[0]!), /^\s*test\(/m, `${row.number}: ${name} holds no test`);
      }
      if (HAZARDS.test(row.number)) {
        const silent = [...row.here.matchAll(/`([\w./-]+\.ts)`/g)]
          .map((match) => meant(match[1]!, operator)[0]!)
          .filter((file) => !tested(file).has(row.number));
        assert.deepEqual(silent, [], `${row.number}: no test there begins with it`);
      }
      for (const number of numbersIn(row)) {
        const elsewhere = number !== row.number && /`[^`]+\.ts`/.test(own.get(number)?.here ?? '');
        assert.ok(numbers.has(number) || elsewhere, `${row.number}: no test of ${operator}/test/defects.test.ts begins with ${number}`);
      }
    }
    const named = new Set(rows.flatMap(numbersIn));
    assert.deepEqual(
      [...numbers].filter((number) => !named.has(number)),
      [],
      'tests that no row names',
    );
  });
}
