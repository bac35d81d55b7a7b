/**
 * Writes how the built-in kinds look in protobuf, from the API's own Go modules (k8s.io/api, k8s.io/apimachinery, k8s.io/apiextensions-apiserver,
 * Apache-2.0, see NOTICE): field numbers and types from generated.proto; JSON names, pointers and omitempty from the Go types, which alone say them.
 * The table is written only when it decodes the modules' own round trip data to the JSON beside it.
 * Run: `node tools/protobuf.ts $(for m in api apimachinery apiextensions-apiserver; do go mod download -json k8s.io/$m@v0.36.3 | node -p 'JSON.parse(require("fs").readFileSync(0)).Dir'; done)`
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDecoder } from '../packages/sandbox/src/api-server/protobuf/decode.ts';
import { SPECIAL } from '../packages/sandbox/src/api-server/protobuf/special.ts';
import type { FieldRow, Table } from '../packages/sandbox/src/api-server/protobuf/table.ts';
import builtin from '../packages/schema/src/builtin/builtin.gen.json' with { type: 'json' };

/** A field of a Go struct, by its protobuf number. */
interface GoField {
  readonly json: string;
  readonly flags: string;
}

/** Marks a field that no Go type has; a table with one is not written. */
const UNKNOWN = '?';

const [api, machinery, extensions] = process.argv.slice(2);
if (api === undefined || machinery === undefined || extensions === undefined) throw new Error('name the folders of the three modules');

const kinds: Record<string, string> = {};
for (const { group, version, kind } of builtin.resources)
  kinds[`${group === '' ? version : `${group}/${version}`} ${kind}`] = `${packageOf(group)}.${version}.${kind}`;

const folders: readonly (readonly [name: string, folder: string])[] = [
  ...[...new Set(Object.values(kinds).map((message) => message.split('.').slice(0, 2).join('/')))]
    .filter((name) => name !== 'apiextensions/v1')
    .map((name) => [name.replace('/', '.'), join(api, name)] as const),
  ['apiextensions.v1', join(extensions, 'pkg/apis/apiextensions/v1')],
  ['meta.v1', join(machinery, 'pkg/apis/meta/v1')],
];
const known: Record<string, readonly FieldRow[]> = Object.assign({}, ...folders.map(([name, folder]) => messagesOf(name, folder)));
const table: Table = { kinds, messages: reachable([...Object.values(kinds), 'meta.v1.DeleteOptions']) };
check(table);
write(table);

/** The folder of a group: its first label. */
function packageOf(group: string): string {
  return group === '' ? 'core' : group.split('.')[0]!;
}

function messagesOf(name: string, folder: string): Record<string, readonly FieldRow[]> {
  const go = goStructs(folder);
  const out: Record<string, readonly FieldRow[]> = {};
  const proto = readFileSync(join(folder, 'generated.proto'), 'utf8');
  for (const [, message, body] of proto.matchAll(/^message (\w+) \{\n(.*?)^\}/gms)) {
    const fields = [...body!.matchAll(/^ {2}(?:(optional|repeated) )?(map<string, [\w.]+>|[\w.]+) (\w+) = (\d+);/gm)];
    out[`${name}.${message}`] = fields.map(([, label, type, field, number]) => {
      const struct = go.get(message!);
      // Go's named lists (`type ExtraValue []string`) are messages of one field.
      const found = struct === undefined && field === 'items' ? { json: 'items', flags: 'u' } : struct?.get(Number(number));
      const map = /^map<string, (.+)>$/.exec(type!)?.[1];
      const flags = `${label === 'repeated' ? 'r' : ''}${map === undefined ? '' : 'm'}${found?.flags ?? UNKNOWN}`;
      return [Number(number), found?.json ?? field!, typeName(name, map ?? type!), flags];
    });
  }
  return out;
}

/** `.k8s.io.api.core.v1.Pod` → `core.v1.Pod`; scalars stay as they are. */
function typeName(inside: string, type: string): string {
  if (!type.startsWith('.')) return /^[a-z]/.test(type) ? type : `${inside}.${type}`;
  return type.replace(/^\.k8s\.io\.(?:apimachinery\.pkg\.(?:apis\.|util\.|api\.)?|apiextensions_apiserver\.pkg\.apis\.|api\.)/, '');
}

function goStructs(folder: string): ReadonlyMap<string, ReadonlyMap<number, GoField>> {
  const structs = new Map<string, ReadonlyMap<number, GoField>>();
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.go') || file.endsWith('_test.go') || file.startsWith('generated') || file.startsWith('zz_')) continue;
    for (const [, name, body] of readFileSync(join(folder, file), 'utf8').matchAll(/^type (\w+) struct \{\n(.*?)^\}/gms)) structs.set(name!, goFields(body!));
  }
  return structs;
}

function goFields(body: string): ReadonlyMap<number, GoField> {
  const fields = new Map<number, GoField>();
  for (const [, names, tags] of body.matchAll(/^\t([^/`\n]+?)\s*`([^`\n]*protobuf:"\w+,[^`\n]*)`/gm)) {
    const number = Number(/protobuf:"\w+,(\d+),/.exec(tags!)![1]);
    const words = names!.split(/\s+/);
    const [json = '', ...options] = (/json:"([^"]*)"/.exec(tags!)?.[1] ?? words[0]!).split(',');
    const inline = json === '' || options.includes('inline');
    const flags = [
      [words.at(-1)!.startsWith('*'), 'p'],
      [options.includes('omitempty'), 'o'],
      [options.includes('omitzero'), 'z'],
      [inline, 'i'],
    ] as const;
    fields.set(number, { json: inline ? '' : json, flags: flags.map(([holds, flag]) => (holds ? flag : '')).join('') });
  }
  return fields;
}

function reachable(roots: readonly string[]): Record<string, readonly FieldRow[]> {
  const out: Record<string, readonly FieldRow[]> = {};
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name in out || SPECIAL[name]?.whole === true) continue;
    const fields = known[name];
    if (fields === undefined) throw new Error(`no message ${name}`);
    const lost = fields.find(([, , , flags]) => flags.includes(UNKNOWN));
    if (lost !== undefined) throw new Error(`${name}.${lost[1]} is in no Go type`);
    out[name] = fields;
    queue.push(...fields.map(([, , type]) => type).filter((type) => type.includes('.')));
  }
  return Object.fromEntries(Object.entries(out).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Decodes what the module's own round trip tests decode. @throws when a kind comes out other than as its JSON. */
function check(made: Table): void {
  const decode = createDecoder(made);
  const folder = join(api!, 'testdata/HEAD');
  let checked = 0;
  for (const key of Object.keys(made.kinds)) {
    const [groupVersion, kind] = key.split(' ') as [string, string];
    const name = join(folder, `${groupVersion.includes('/') ? groupVersion.replace('/', '.') : `core.${groupVersion}`}.${kind}`);
    // Kinds of the meta and apiextensions modules have none.
    if (!readdirSync(folder).includes(`${name.slice(folder.length + 1)}.pb`)) continue;
    const wanted: unknown = JSON.parse(readFileSync(`${name}.json`, 'utf8'));
    assert.deepEqual(decode(readFileSync(`${name}.pb`)), wanted, key);
    checked += 1;
  }
  assert.ok(checked > 60, `only ${checked} kinds have round trip data`);
  process.stdout.write(`${checked} kinds as in the round trip data\n`);
}

function write({ kinds: names, messages }: Table): void {
  const lines = (entries: Readonly<Record<string, unknown>>) =>
    Object.entries(entries)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(',\n');
  const content = `{"kinds":{\n${lines(names)}\n},"messages":{\n${lines(messages)}\n}}\n`;
  writeFileSync(new URL('../packages/sandbox/src/api-server/protobuf/table.gen.json', import.meta.url), content);
}
