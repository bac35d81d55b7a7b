import type { Clock, Network } from '@binnacle/client';
import type { Kubelet } from '../../kubelet.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Store } from '../store/store.ts';
import type { Texts } from '../store/texts.ts';
import type { Chance } from './chance.ts';

/** What all handlers work on. */
export interface Core {
  readonly clock: Clock;
  readonly store: Store;
  readonly texts: Texts;
  readonly catalog: Catalog;
  readonly chance: Chance;
  /** By node name. */
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly tokens: Tokens;
  readonly adminToken: string;
  /** How services are reached: webhooks behind one. Absent as long as there is no network. */
  readonly network: () => Network | undefined;
  /** See `ApiServerOptions`. */
  readonly hooks: HookDoor | undefined;
  /** Aborted when the server closes: ends all streams. */
  readonly closing: AbortSignal;
}

/** Asks a webhook with a review in the process: its answer as JSON. Undefined: nobody there, so it is asked over the network. */
export type HookDoor = (url: URL, review: string) => Promise<string> | undefined;

/** Signs and reads ServiceAccount tokens. */
export interface Tokens {
  /** `audiences` empty: the API server. `warnAfterSeconds`: when its bearer was meant to have another one. */
  sign(
    subject: TokenSubject,
    options: { readonly lifetimeSeconds: number | undefined; readonly audiences: readonly string[]; readonly warnAfterSeconds?: number },
  ): string;
  /** What a token of ours says, `undefined` when it is none or has expired. Whether the account, and what it is bound to, still exist is not looked at. */
  read(token: string): (TokenSubject & { readonly audiences: readonly string[]; readonly id: string }) | undefined;
}

/** Whose token it is, and the object that it dies with. A Pod's names the node of the pod too. */
export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly pod?: TokenBond;
  readonly secret?: TokenBond;
  readonly node?: TokenBond;
}

export interface TokenBond {
  readonly name: string;
  /** `''`: of a pod's node that has no object. */
  readonly uid: string;
}
