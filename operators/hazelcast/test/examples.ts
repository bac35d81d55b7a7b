import { readFileSync } from 'node:fs';
import { isReady } from '@binnacle/client';
import type { Ref } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import type { World } from '@binnacle/testing';
import { parseAllDocuments } from 'yaml';
import { CronHotBackup, Hazelcast, HotBackup, ManagementCenter } from '../src/index.ts';
import { put } from './put.ts';

const OURS = { Hazelcast, HotBackup, CronHotBackup, ManagementCenter };
const KINDS = { ...OURS, ConfigMap, Secret };
type Ours = (typeof OURS)[keyof typeof OURS];

/** Virtual time that one may take; ms. */
const LONG_MS = 1_200_000;

/** Applies an example as it is; its own object is the last in it. */
export async function apply(w: World, file: string): Promise<{ readonly kind: Ours; readonly ref: Ref }> {
  const text = readFileSync(new URL(`../../../examples/hazelcast/${file}.yaml`, import.meta.url), 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: keyof typeof KINDS; metadata: { name: string } });
  for (const { kind, metadata, ...content } of objects) await put(w, KINDS[kind], metadata.name, content);
  const { kind, metadata } = objects.at(-1)!;
  return { kind: OURS[kind as keyof typeof OURS], ref: { namespace: 'default', name: metadata.name } };
}

/** The same, and waits until it is Ready. */
export async function applied(w: World, file: string): Promise<void> {
  const { kind, ref } = await apply(w, file);
  await w.until(kind, ref, (now) => now !== undefined && isReady(now), LONG_MS);
}
