import { isAlreadyExists, isNotFound, microTimestamp } from '@binnacle/client';
import type { Api, Clock } from '@binnacle/client';
import { Lease } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';

/** Where nodes say that they live, by which name, how often and for how long that counts. Source: the kubelet's defaults. */
const NAMESPACE = 'kube-node-lease';
const EVERY_MS = 10_000;
const LASTS_SECONDS = 40;

/** A node's word that it lives, until closed. */
export interface Heartbeat extends AsyncDisposable {
  /** Says it now. @throws {ApiError} */
  beat(): Promise<void>;
}

/** Renews the Lease of a node until closed: a node that stops to do so is taken for dead, and its pods with it. */
export function heartbeat(node: { readonly name: string; readonly api: Api; readonly clock: Clock; readonly log: Logger }): Heartbeat {
  const { name, api, clock, log } = node;
  const stopped = new AbortController();
  const { signal } = stopped;
  const beat = async (): Promise<void> => {
    const spec = { holderIdentity: name, leaseDurationSeconds: LASTS_SECONDS, renewTime: microTimestamp(clock.now()) };
    try {
      await api.patch(Lease, { namespace: NAMESPACE, name }, { type: 'merge', body: { spec } }, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const lease = { metadata: { namespace: NAMESPACE, name }, spec };
      await api.create(Lease, lease, { signal }).catch((failure: unknown) => {
        if (!isAlreadyExists(failure)) throw failure;
      });
    }
  };
  const beating = (async () => {
    while (!signal.aborted) {
      try {
        await beat();
        await clock.sleep(EVERY_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ node: name, error: String(error) }, 'the Lease of the node was not renewed');
        await clock.sleep(EVERY_MS / 10, signal).catch(() => undefined);
      }
    }
  })();
  return {
    beat,
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await beating;
    },
  };
}

/** Takes back what a node of this name once said: one that says nothing must not be missed. @throws {ApiError} */
export async function forgetHeartbeat(api: Api, name: string): Promise<void> {
  await api.delete(Lease, { namespace: NAMESPACE, name }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
