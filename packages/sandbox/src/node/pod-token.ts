import type { DeepReadonly, Live } from '@binnacle/client';
import { parseTimestamp, tokenOf } from '@binnacle/client';
import type { Pod, ServiceAccountTokenProjection } from '@binnacle/client/kinds';
import type { NodeContext } from './context.ts';

/** A token as it is to be used now. @throws {ApiError} when the API server gives none. */
export type Token = () => Promise<string>;

const DEFAULT_SECONDS = 3600;
/** Another one is asked for after this part of its life, and after a day at the latest. Source: pkg/kubelet/token. */
const FRESH_PART = 0.8;
const FRESH_MOST_MS = 24 * 3_600_000;

/**
 * The token of a pod's ServiceAccount that a projected volume names; it dies with the pod. Asked for when it is first read, not when the pod starts
 * as on a real node: most programs here never read theirs.
 */
export function podToken(
  { api, clock }: Pick<NodeContext, 'api' | 'clock'>,
  pod: Live<typeof Pod>,
  wanted: DeepReadonly<ServiceAccountTokenProjection>,
): Token {
  const { namespace, name, uid } = pod.metadata;
  const account = { namespace, name: pod.spec?.serviceAccountName ?? 'default' };
  const options = {
    expirationSeconds: wanted.expirationSeconds ?? DEFAULT_SECONDS,
    ...((wanted.audience ?? '') === '' ? {} : { audiences: [wanted.audience!] }),
    boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
  } as const;
  let last: { readonly token: Promise<string>; readonly freshUntilMs: number } | undefined;
  const ask = async () => {
    const askedMs = clock.now();
    const { token, expires } = await tokenOf(api, account, options);
    const lifeMs = parseTimestamp(expires) - askedMs;
    last = { token: Promise.resolve(token), freshUntilMs: askedMs + Math.min(lifeMs * FRESH_PART, FRESH_MOST_MS) };
    return token;
  };
  return () => {
    if (last !== undefined && clock.now() < last.freshUntilMs) return last.token;
    // Two containers that read at the same time share one request.
    const token = ask().finally(() => {
      if (last?.token === token) last = undefined;
    });
    last = { token, freshUntilMs: Infinity };
    return token;
  };
}
