/** What a path and a method ask for, as authorisation and dispatch see it. */
export type RequestInfo =
  | { readonly resource: false; readonly verb: string; readonly path: string }
  | {
      readonly resource: true;
      readonly verb: Verb;
      readonly group: string;
      readonly version: string;
      readonly namespace: string | undefined;
      readonly plural: string;
      readonly name: string | undefined;
      readonly subresource: string | undefined;
      /** Beyond the subresource, for proxies. */
      readonly rest: string;
    };

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
export type ResourceRequest = Extract<RequestInfo, { resource: true }>;

/** Subresources of Namespace: in `/namespaces/x/<this>` they are not a resource within the namespace. */
const OF_NAMESPACE = new Set(['status', 'finalize']);

/**
 * Takes a path apart. `name`s of path elements are expected to be decoded. A name that is missing before a subresource is an empty one: slashes are
 * passed over at the ends of a path alone. Source: staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
 */
export function requestInfo(method: string, pathname: string, query: URLSearchParams): RequestInfo {
  const parts = pathname.replace(/^\/+|\/+$/g, '').split('/');
  const other: RequestInfo = { resource: false, verb: method.toLowerCase(), path: pathname };
  const prefix = parts[0];
  const root = prefix === 'api' ? 2 : prefix === 'apis' ? 3 : 0;
  if (root === 0 || parts.length <= root) return other;
  const group = prefix === 'api' ? '' : parts[1]!;
  const version = parts[root - 1]!;
  let rest = parts.slice(root);
  const watchPrefix = rest[0] === 'watch' && rest.length > 1;
  if (watchPrefix) rest = rest.slice(1);
  const within = rest[0] === 'namespaces' && rest.length > 2 && !OF_NAMESPACE.has(rest[2]!);
  const namespace = within ? rest[1] : undefined;
  const [plural, name, subresource, ...beyond] = within ? rest.slice(2) : rest;
  const verb = verbOf(method, name, watchPrefix || isTrue(query.get('watch')));
  if (verb === undefined) return other;
  return { resource: true, verb, group, version, namespace, plural: plural!, name, subresource, rest: beyond.join('/') };
}

/** How Go reads a boolean in a query: `?watch` and `?watch=1` count. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function verbOf(method: string, name: string | undefined, watch: boolean): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      // A watch of one object by its path answers the object, as the real server does (spec/sandbox.md §1.2).
      return name !== undefined ? 'get' : watch ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}
