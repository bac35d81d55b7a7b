import type { AnyKind, Api } from '@binnacle/client';
import type { Subject } from '@binnacle/testing';
import { hazelcast } from './subject.ts';

/** The Hazelcast operator and its simulated images, for a world. */
export const subject: Subject = hazelcast;

/** Applies an object of the namespace `default`, as a user does. */
export async function put(w: { readonly api: Api }, kind: AnyKind, name: string, content: Readonly<Record<string, unknown>>): Promise<void> {
  const object = { metadata: { namespace: 'default', name }, ...content };
  await w.api.apply(kind, object, { fieldManager: 'user', force: true });
}

/** The licence that examples name. */
export const LICENCE = { data: { 'license-key': Buffer.from('a key').toString('base64') } } as const;
