import { readFileSync } from 'node:fs';
import type { Subject } from '@binnacle/testing';
import { parse } from 'yaml';
import { dorisOperator, dorisResources } from '../src/index.ts';
import { dorisImages } from '../src/simulator/index.ts';

/** The Doris operator as a world starts it. */
export const doris: Subject = { name: 'doris', resources: dorisResources, images: dorisImages, create: dorisOperator };

export interface ExampleObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** An example as its file has it, in the namespace `default`. */
export function example(file: string): ExampleObject & Record<string, unknown> {
  const object = parse(readFileSync(new URL(`../../../examples/doris/${file}`, import.meta.url), 'utf8')) as ExampleObject & Record<string, unknown>; // sound: our own files
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}
