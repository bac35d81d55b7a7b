import type { Api, Ref } from './api.ts';
import { ApiError } from './error.ts';
import type { AnyKind } from './kind.ts';
import { Pod, ServiceAccount } from './kinds/index.ts';
import { isObject } from './objects.ts';
import { objectPath } from './urls.ts';

/** How many replicas an object of any kind with a scale wants and has; `selector` matches its pods, as a label selector's text. */
export interface Scale {
  readonly wanted: number;
  readonly present: number;
  readonly selector: string;
}

interface Options {
  readonly signal?: AbortSignal;
}

/** Reads the scale subresource. @throws {ApiError} `NotFound` also for a kind that has none. */
export async function scaleOf(api: Api, kind: AnyKind, ref: Ref, options: Options = {}): Promise<Scale> {
  return scaleIn(await api.raw({ ...options, method: 'GET', path: objectPath(kind, { ...ref, subresource: 'scale' }) }));
}

/** Sets the replicas through the scale subresource, which needs a right of its own and touches nothing else. @throws {ApiError} */
export async function scale(api: Api, kind: AnyKind, ref: Ref, replicas: number, options: Options = {}): Promise<Scale> {
  return scaleIn(await api.raw({ ...options, method: 'PATCH', path: objectPath(kind, { ...ref, subresource: 'scale' }), body: { spec: { replicas } } }));
}

/**
 * Asks that a pod leave: its grace period is kept, and so is every PodDisruptionBudget.
 * @throws {ApiError} `TooManyRequests` while a budget forbids it; try again after `retryAfterMs`.
 */
export async function evict(api: Api, pod: Ref, options: Options = {}): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: pod };
  await api.raw({ ...options, method: 'POST', path: objectPath(Pod, { ...pod, subresource: 'eviction' }), body });
}

/** A token of a ServiceAccount, and when it ends. Never log it. `audiences` absent: the API server itself. `boundObjectRef`: what it dies with. @throws {ApiError} */
export async function tokenOf(
  api: Api,
  account: Ref,
  options: Options & {
    readonly audiences?: readonly string[];
    readonly expirationSeconds?: number;
    readonly boundObjectRef?: { readonly apiVersion: 'v1'; readonly kind: 'Pod' | 'Secret' | 'Node'; readonly name: string; readonly uid?: string };
  } = {},
): Promise<{ readonly token: string; readonly expires: string }> {
  const { signal, ...spec } = options;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const path = objectPath(ServiceAccount, { ...account, subresource: 'token' });
  const answer = await api.raw({ ...(signal === undefined ? {} : { signal }), method: 'POST', path, body });
  const { token, expirationTimestamp: expires } = ((answer ?? {}) as { status?: { token?: unknown; expirationTimestamp?: unknown } }).status ?? {};
  // The answer stays out of the message: it may hold a token.
  if (typeof token !== 'string' || typeof expires !== 'string') throw unreadable(`no token for ${account.name}`);
  return { token, expires };
}

function scaleIn(answer: unknown): Scale {
  const { spec, status } = (isObject(answer) ? answer : {}) as {
    spec?: { replicas?: number };
    status?: { replicas?: number; selector?: string };
  };
  if (status === undefined) throw unreadable(`expected a Scale, got ${JSON.stringify(answer)?.slice(0, 200)}`);
  return { wanted: spec?.replicas ?? 0, present: status.replicas ?? 0, selector: status.selector ?? '' };
}

const unreadable = (message: string) => new ApiError({ code: 200, reason: 'Unreadable', message });
