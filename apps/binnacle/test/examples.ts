import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** An example as its file has it, in a namespace and under another name if one is given. */
export function example(file: string, name?: string): { readonly metadata: { readonly name: string; readonly namespace: string } } & Record<string, unknown> {
  const text = readFileSync(new URL(`../../../examples/${file}`, import.meta.url), 'utf8');
  const object = parse(text) as { metadata: { name: string } } & Record<string, unknown>;
  return { ...object, metadata: { ...object.metadata, namespace: 'default', name: name ?? object.metadata.name } };
}
