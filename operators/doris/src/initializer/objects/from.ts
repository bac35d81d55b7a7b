import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
import type { InitializerSpec, Run } from '../../api/doris-initializer.ts';
import type { Wish } from '../wish.ts';
import type { Encryption } from './encryption.ts';

/** What builders are given. They are pure. */
export interface Initializer {
  readonly name: string;
  readonly spec: InitializerSpec;
}

/** A DorisInitializer as builders take it. */
export function initializerFrom(object: { readonly metadata: { readonly name: string }; readonly spec: unknown }): Initializer {
  return { name: object.metadata.name, spec: object.spec as InitializerSpec }; // sound: a Live spec is the declared one
}

/** One run and what it is to bring in. */
export interface Running {
  readonly run: Run;
  readonly wish: Wish;
  /** The Secret as an earlier run left it. */
  readonly before: Live<typeof Secret> | undefined;
  /** Absent: the cluster's front ends offer no TLS. */
  readonly encryption?: Encryption;
}
