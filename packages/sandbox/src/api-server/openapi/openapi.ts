import type { Core } from '../core/core.ts';
import type { Call, Outgoing } from '../http/call.ts';
import { tagged } from '../discovery/discovery.ts';
import { groupDocument } from './document.ts';

/** An OpenAPI v2 document that describes no kind. */
const NOTHING = { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1.35.0' }, paths: {} };
/** The same as `openapi.v2.Document` in protobuf, which is all that kubectl reads: field 1, `swagger`. */
const NOTHING_IN_PROTOBUF = Uint8Array.from([0x0a, 3, ...Buffer.from(NOTHING.swagger)]);
const PROTOBUF_V2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * Answers `/openapi/v3` and the documents below it; `undefined` for other paths. kubectl asks for `/openapi/v2` when a kind is in none of them, a `List` or one that is
 * misspelt, to look at the fields itself. It is told that nothing is known there, and so leaves the fields to the server, and says itself that there is no such kind.
 */
export function openApi(core: Core, path: string, call: Call): Outgoing | undefined {
  if (path === '/openapi/v2') {
    if (call.headers['accept']?.includes('proto-openapi.spec.v2') !== true) return tagged(call, 'application/json', NOTHING);
    return { status: 200, headers: { 'content-type': PROTOBUF_V2 }, body: NOTHING_IN_PROTOBUF };
  }
  if (path === '/openapi/v3') return tagged(call, 'application/json', { paths: roots(core) });
  if (!path.startsWith('/openapi/v3/')) return undefined;
  const wanted = path.slice('/openapi/v3/'.length);
  for (const group of core.catalog.groups()) {
    for (const { version, resources } of group.versions) {
      if (documentName(group.name, version) === wanted) return tagged(call, 'application/json', groupDocument(resources));
    }
  }
  return undefined;
}

function roots(core: Core) {
  const versions = core.catalog.groups().flatMap((group) => group.versions.map(({ version }) => documentName(group.name, version)));
  // The hash changes with every CRD, so that nobody keeps an older document.
  return Object.fromEntries(versions.map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${core.catalog.edition}` }]));
}

function documentName(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
