import { randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import { eventually } from '../eventually.ts';
import type { Answer, RawOptions } from '../raw.ts';
import type { Target } from '../target.ts';

/** Headers of each kind of patch. */
export const PATCH = {
  merge: { 'content-type': 'application/merge-patch+json' },
  json: { 'content-type': 'application/json-patch+json' },
  strategic: { 'content-type': 'application/strategic-merge-patch+json' },
  apply: { 'content-type': 'application/apply-patch+yaml' },
} as const;

/** As `target.ask`, for what a test only prepares: fails unless it is answered with 200, 201 or 202. Answers the object. */
export async function done(target: Target, method: string, path: string, body?: unknown, headers: RawOptions['headers'] = {}): Promise<any> {
  const answer = await target.ask(method, path, { ...(body === undefined ? {} : { body }), headers });
  assert.ok(answer.status >= 200 && answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text.slice(0, 2000)}`);
  return answer.json;
}

/** Code and reason, as clients tell answers apart. */
export function verdict({ status, json }: Answer): readonly [number, string] {
  return [status, json?.reason ?? ''];
}

/** A custom kind of a group of its own, so that files and runs do not meet. */
export interface Custom extends AsyncDisposable {
  readonly group: string;
  /** Path of the collection in a namespace, of `v1` unless said. */
  path(namespace: string, version?: string): string;
  readonly definition: string;
}

/** Names and properties of a definition; everything else has its simplest form. */
export interface Definition {
  readonly properties: Readonly<Record<string, unknown>>;
  /** Instead of one version `v1` with `properties`. */
  readonly versions?: readonly unknown[];
  /** Beside schema, name and flags of the one version. */
  readonly version?: Readonly<Record<string, unknown>>;
  /** Beside names, scope, group and versions. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly names?: Readonly<Record<string, unknown>>;
}

/** What defines `things` of a group: namespaced, kind `Thing`. */
export function thingDefinition(group: string, { properties, versions, version = {}, spec = {}, names = {} }: Definition) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing', ...names },
      versions: versions ?? [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } }, ...version }],
      ...spec,
    },
  };
}

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export function newGroup(): string {
  return `g${randomUUID().slice(0, 8)}.example.com`;
}

/** Defines things and waits until each served version is served whole: listed and watched. Closing takes the definition away, with its objects. */
export async function things(target: Target, definition: Definition): Promise<Custom> {
  const group = newGroup();
  const { spec: made } = await done(target, 'POST', DEFINITIONS, thingDefinition(group, definition));
  const path = (namespace: string, version = 'v1') => `/apis/${group}/${version}/namespaces/${namespace}/things`;
  const own = `${DEFINITIONS}/things.${group}`;
  for (const { name } of made.versions.filter(({ served }: any) => served)) {
    await eventually(`${group}/${name} is served`, async () => (await target.ask('GET', path('default', name))).status === 200);
    // Lists come from the store; each version has a cache of its own for watches, which answers 429 until it is filled.
    await eventually(`${group}/${name} is watched`, async () => {
      await using watch = await target.watch(`${path('default', name)}?watch=true`);
      return watch.status === 200;
    });
  }
  return {
    group,
    path,
    definition: own,
    async [Symbol.asyncDispose]() {
      await target.ask('DELETE', own);
      // What converts or reviews its objects must be there until they are gone: otherwise they stay, and with them a kind that nobody can list, which holds up collectors of garbage.
      await eventually(`${group} is gone`, async () => (await target.ask('GET', own)).status === 404);
    },
  };
}

/** Properties of a schema that has a `spec` with these. */
export const spec = (properties: object, more: object = {}) => ({ spec: { type: 'object', properties, ...more } });

/** An object of a definition of `things`. */
export const thing = (custom: Pick<Custom, 'group'>, name: string, body: object, version = 'v1') => ({
  apiVersion: `${custom.group}/${version}`,
  kind: 'Thing',
  metadata: { name },
  ...body,
});
