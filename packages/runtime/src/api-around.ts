import { groupResourceOf } from '@binnacle/client';
import type { AnyKind, Api } from '@binnacle/client';

/** One request, before it is sent. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `statefulsets.apps`; empty for any other path. */
  readonly resource: string;
  readonly signal: AbortSignal | undefined;
}

/** Sends, or does not; may narrow the signal. */
export type Around = <T>(call: Call, send: (signal: AbortSignal | undefined) => Promise<T>) => Promise<T>;

/** An api whose requests all go through `around`; watches and logs pass by. Closing it closes nothing: whoever opened the inner one does. */
export function aroundApi(api: Api, around: Around): Api {
  const optional = (signal: AbortSignal | undefined): { readonly signal?: AbortSignal } => (signal === undefined ? {} : { signal });
  const go = <T>(
    method: Call['method'],
    kind: Pick<AnyKind, 'group' | 'plural'> | undefined,
    options: { readonly signal?: AbortSignal } | undefined,
    send: (more: { readonly signal?: AbortSignal }) => Promise<T>,
  ) => around({ method, resource: kind === undefined ? '' : groupResourceOf(kind), signal: options?.signal }, (signal) => send(optional(signal)));
  return {
    get: (kind, ref, options) => go('GET', kind, options, (more) => api.get(kind, ref, { ...options, ...more })),
    list: (kind, options) => go('GET', kind, options, (more) => api.list(kind, { ...options, ...more })),
    watch: (kind, options) => api.watch(kind, options),
    logs: (ref, options) => api.logs(ref, options),
    create: (kind, object, options) => go('POST', kind, options, (more) => api.create(kind, object, { ...options, ...more })),
    replace: (kind, object, options) => go('PUT', kind, options, (more) => api.replace(kind, object, { ...options, ...more })),
    patch: (kind, ref, patch, options) => go('PATCH', kind, options, (more) => api.patch(kind, ref, patch, { ...options, ...more })),
    apply: (kind, object, options) => go('PATCH', kind, options, (more) => api.apply(kind, object, { ...options, ...more })),
    delete: (kind, ref, options) => go('DELETE', kind, options, (more) => api.delete(kind, ref, { ...options, ...more })),
    deleteCollection: (kind, options) => go('DELETE', kind, options, (more) => api.deleteCollection(kind, { ...options, ...more })),
    raw: (request) => go(request.method, undefined, request, (more) => api.raw({ ...request, ...more })),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
