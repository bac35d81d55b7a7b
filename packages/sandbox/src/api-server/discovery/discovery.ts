import { createHash } from 'node:crypto';
import type { Group } from '../catalog/catalog.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { jsonAnswer } from '../http/call.ts';
import type { Call, Outgoing } from '../http/call.ts';
import { groupVersion } from '../object.ts';
import { aggregatedGroups } from './aggregated.ts';

/** kubectl believes nothing but this very text (spec/sandbox.md §0.6). */
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers `/api`, `/apis` and below with what is served; `undefined` for other paths. */
export function discovery(core: Core, path: string, call: Call): Outgoing | undefined {
  const [prefix, ...parts] = path.slice(1).split('/');
  if (prefix !== 'api' && prefix !== 'apis') return undefined;
  const groups = core.catalog.groups();
  if (parts.length === 0) return root(prefix, groups, call);
  if (prefix === 'api') return parts.length === 1 ? resourceList(groups, '', parts[0]!) : undefined;
  const group = groups.find((candidate) => candidate.name === parts[0] && candidate.name !== '');
  if (group === undefined || parts.length > 2) return undefined;
  return parts.length === 1 ? jsonAnswer(200, { kind: 'APIGroup', apiVersion: 'v1', ...legacyGroup(group) }) : resourceList(groups, group.name, parts[1]!);
}

function root(prefix: 'api' | 'apis', groups: readonly Group[], call: Call): Outgoing {
  const own = groups.filter((group) => (group.name === '') === (prefix === 'api'));
  if (wantsAggregated(call.headers['accept'])) return tagged(call, AGGREGATED, aggregatedGroups(own));
  if (prefix === 'api') {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: call.headers['host'] ?? '' }];
    return jsonAnswer(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs });
  }
  return jsonAnswer(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: own.map(legacyGroup) });
}

function wantsAggregated(accept = ''): boolean {
  return accept.split(',').some((range) => range.replaceAll(' ', '').includes('v=v2;as=APIGroupDiscoveryList'));
}

/** An answer that clients may keep, until its ETag is another. */
export function tagged(call: Call, type: string, body: unknown): Outgoing {
  const text = JSON.stringify(body);
  const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32).toUpperCase()}"`;
  const headers = { 'content-type': type, etag, vary: 'Accept', 'cache-control': 'public' };
  return call.headers['if-none-match'] === etag ? { status: 304, headers, body: '' } : { status: 200, headers, body: text };
}

function legacyGroup(group: Group) {
  const versions = group.versions.map(({ version }) => ({ groupVersion: `${group.name}/${version}`, version }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

function resourceList(groups: readonly Group[], group: string, version: string): Outgoing | undefined {
  const resources = groups.find(({ name }) => name === group)?.versions.find((candidate) => candidate.version === version)?.resources;
  if (resources === undefined) return undefined;
  return jsonAnswer(200, {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion({ group, version }),
    resources: resources.flatMap(legacyResources),
  });
}

function legacyResources(served: Served) {
  const main = {
    name: served.plural,
    singularName: served.singular,
    namespaced: served.namespaced,
    kind: served.kind,
    verbs: served.verbs,
    ...(served.shortNames.length === 0 ? {} : { shortNames: served.shortNames }),
    ...(served.categories.length === 0 ? {} : { categories: served.categories }),
  };
  const below = served.subresources.map((subresource) => ({
    name: `${served.plural}/${subresource.name}`,
    singularName: '',
    namespaced: served.namespaced,
    // Only where the body is of another group than the resource.
    ...(subresource.group === served.group && subresource.version === served.version ? {} : { group: subresource.group, version: subresource.version }),
    kind: subresource.kind,
    verbs: subresource.verbs,
  }));
  return [main, ...below];
}
