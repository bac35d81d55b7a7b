import type { Clock, Network } from '@binnacle/client';
import type { Kubelet } from '../../kubelet.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Store } from '../store/store.ts';
import type { Chance } from './chance.ts';

/** What all handlers work on. */
export interface Core {
  readonly clock: Clock;
  readonly store: Store;
  readonly catalog: Catalog;
  readonly chance: Chance;
  /** By node name. */
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly tokens: Tokens;
  readonly adminToken: string;
  /** How services are reached: webhooks behind one. Absent as long as there is no network. */
  readonly network: () => Network | undefined;
  /** Aborted when the server closes: ends all streams. */
  readonly closing: AbortSignal;
}

/** Signs and reads ServiceAccount tokens. */
export interface Tokens {
  sign(subject: TokenSubject, options: { readonly lifetimeSeconds: number | undefined; readonly audiences: readonly string[] }): string;
  /** What a token of ours says, `undefined` when it is none or has expired. Whether the account still exists is not looked at. */
  read(token: string): (TokenSubject & { readonly audiences: readonly string[] }) | undefined;
}

export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}
