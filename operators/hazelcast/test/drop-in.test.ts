import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Schema } from '@binnacle/schema';
import { parse } from 'yaml';
import { CronHotBackup, Hazelcast, HotBackup, ManagementCenter } from '../src/index.ts';

type Tree = { readonly [field: string]: Tree | string };

/** Fields of the existing operator's kinds: type, what stands in for an absent one, limits. Written from spec/hazelcast-core.md §1, not from our schemas. */
const BEFORE = parse(readFileSync(new URL('drop-in.yaml', import.meta.url), 'utf8')) as Tree;

/** Where ours take more, and what they have in addition. */
const WIDER: Readonly<Record<string, string>> = {
  'Hazelcast.jet = {"enabled":true,"resourceUploadEnabled":false}.edgeDefaults.receiveWindowMultiplier': 'int32',
  'Hazelcast.advancedNetwork.wan[].port': 'int32, 0 at least',
  'Hazelcast.advancedNetwork.wan[].portCount': 'int32, 0 at least',
  'Hazelcast.licenseKeySecretName': 'text, 1 at least',
  'ManagementCenter.licenseKeySecretName': 'text, 1 at least',
  'Hazelcast.persistentVolumeClaimRetentionPolicy.whenDeleted': 'Retain | Delete = Retain',
  'ManagementCenter.externalConnectivity = {"type":"LoadBalancer"}.ingress.tls.secretName!': 'text, 1 at least',
  'ManagementCenter.externalConnectivity = {"type":"LoadBalancer"}.route.tls.insecureEdgeTerminationPolicy': 'Allow | Redirect | None = Redirect',
  'HotBackup.activeDeadlineSeconds': 'int64, 1 at least',
  'HotBackup.deletionPolicy': 'Retain | Delete',
  'CronHotBackup.timeZone': 'text, 1 at least',
  'CronHotBackup.concurrencyPolicy': 'Allow | Forbid | Replace = Allow',
  'CronHotBackup.startingDeadlineSeconds': 'int64, 0 at least',
  'CronHotBackup.historyMaxAgeSeconds': 'int64, 1 at least',
  'CronHotBackup.hotBackupTemplate!.spec!.activeDeadlineSeconds': 'int64, 1 at least',
  'CronHotBackup.hotBackupTemplate!.spec!.deletionPolicy': 'Retain | Delete',
};

/** Parts of pods have the schema that Kubernetes gives them. */
const POD_PART = /^(affinity|tolerations|topologySpreadConstraints|resources|imagePullSecrets|env)$/;

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.type === 'array') return `${typeOf(schema.items ?? {})}[]`;
  if (typeof schema.additionalProperties === 'object') return 'map';
  return schema.type === 'string' ? 'text' : (schema.format ?? schema.type ?? 'any');
}

function limits(schema: Schema): string {
  const { minimum = schema.minLength ?? schema.minItems, maximum = schema.maxLength, default: standsIn } = schema;
  const said = [
    ...(minimum === undefined ? [] : [`, ${minimum} at least`]),
    ...(maximum === undefined ? [] : [`, ${maximum} at most`]),
    ...(standsIn === undefined ? [] : [` = ${typeof standsIn === 'string' ? standsIn : JSON.stringify(standsIn)}`]),
  ];
  return said.join('');
}

/** `name!`: required; `name[]`: a list of objects; `name(n)`: with n fields at least, `name(..n)`: at most; `name = …`: what an absent object is. */
function tree(schema: Schema): Tree {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]): readonly [string, Tree | string] => {
    const key = `${name}${(schema.required ?? []).includes(name) ? '!' : ''}`;
    if (POD_PART.test(name)) return [key, 'part of a pod'];
    if (field['x-kubernetes-preserve-unknown-fields'] === true) return [key, 'any fields'];
    const inner = field.items ?? field;
    if (inner.properties === undefined) return [key, `${typeOf(field)}${limits(field)}`];
    const least = field.minProperties === undefined ? '' : `(${field.minProperties})`;
    const most = field.maxProperties === undefined ? '' : `(..${field.maxProperties})`;
    return [`${key}${field.items === undefined ? '' : '[]'}${least}${most}${limits(field)}`, tree(inner)];
  });
  return Object.fromEntries(fields);
}

function flat(of: Tree, path: string): readonly (readonly [path: string, what: string])[] {
  return Object.entries(of).flatMap(([name, what]) => (typeof what === 'string' ? [[`${path}.${name}`, what] as const] : flat(what, `${path}.${name}`)));
}

for (const kind of [Hazelcast, HotBackup, CronHotBackup, ManagementCenter])
  test(`10.2.11: ${kind.kind}: manifests of the existing operator mean here what they meant there`, () => {
    const before = Object.fromEntries(flat(BEFORE[kind.kind] as Tree, kind.kind));
    const ours = Object.fromEntries(flat(tree(kind.schema.properties?.['spec'] ?? {}), kind.kind));
    const wider = Object.fromEntries(Object.entries(WIDER).filter(([path]) => path.startsWith(`${kind.kind}.`)));
    const narrowed = Object.keys(wider).map((path) => `${path}!`);
    const kept = Object.entries(before).filter(([path]) => !narrowed.includes(path));
    assert.deepEqual(ours, { ...Object.fromEntries(kept), ...wider });
  });
