import type { Core } from '../core/core.ts';
import type { Call, Outgoing } from '../http/call.ts';
import { tagged } from '../discovery/discovery.ts';
import { groupDocument } from './document.ts';

/** Answers `/openapi/v3` and the documents below it; `undefined` for other paths. `/openapi/v2` is not served: kubectl 1.29 and later never asks for it. */
export function openApi(core: Core, path: string, call: Call): Outgoing | undefined {
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
