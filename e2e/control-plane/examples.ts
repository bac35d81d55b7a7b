import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** An object of an example, as a user would apply it. */
export interface ExampleObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

const FOLDER = join(import.meta.dirname, '..', '..', 'examples');

/** All examples, by their path under `examples/`, sorted. */
export function exampleFiles(): readonly string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .toSorted();
}

/** The objects of an example in their order. */
export function example(file: string): readonly ExampleObject[] {
  return parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => document.toJS() as ExampleObject);
}
