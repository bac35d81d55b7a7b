import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { parse } from 'yaml';
import { agentCertificate } from '../src/agent/certificate.ts';
import { CronHotBackup, Hazelcast, HotBackup, ManagementCenter } from '../src/index.ts';
import { LICENCE, put, subject } from './put.ts';

const KINDS = { Hazelcast, HotBackup, CronHotBackup, ManagementCenter };
type Known = (typeof KINDS)[keyof typeof KINDS];
const LONG_MS = 1_200_000;

/** Applies an example as it is. */
async function apply(w: World, file: string): Promise<{ readonly kind: Known; readonly ref: { readonly namespace: string; readonly name: string } }> {
  const text = readFileSync(new URL(`../../../examples/hazelcast/${file}.yaml`, import.meta.url), 'utf8');
  const { kind, metadata, spec } = parse(text) as { kind: keyof typeof KINDS; metadata: { name: string }; spec: object };
  await put(w, KINDS[kind], metadata.name, { spec });
  return { kind: KINDS[kind], ref: { namespace: 'default', name: metadata.name } };
}

async function ready(w: World, file: string): Promise<void> {
  const { kind, ref } = await apply(w, file);
  await w.until(kind, ref, (now) => now !== undefined && isReady(now), LONG_MS);
}

const secret = (w: World, name: string, data: Readonly<Record<string, string>>) =>
  put(w, Secret, name, { data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])) });

test('the examples of backups do as they are', { timeout: 120_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, Secret, 'hazelcast-license-key', LICENCE);
  await secret(w, 'bucket-credentials', { 'access-key-id': 'a', 'secret-access-key': 'b', region: 'eu-west-1' });
  for (const file of ['persistence', 'hot-backup', 'hot-backup-bucket', 'cron-hot-backup', 'cron-hot-backup-local']) await ready(w, file);
});

test('the examples of Management Center do as they are; a Route only where there are any', { timeout: 120_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await secret(w, 'ldap-account', { username: 'cn=admin', password: 'secret' });
  const { key, certificate } = agentCertificate(0);
  await secret(w, 'hazelcast-tls', { 'tls.crt': certificate, 'tls.key': key });
  for (const file of ['management-center', 'management-center-tls', 'management-center-ingress', 'management-center-ldap']) await ready(w, file);
  const { ref } = await apply(w, 'management-center-route');
  await w.until(ManagementCenter, ref, (now) => now?.status?.phase === 'Failed');
  assert.equal(conditionOf((await w.find(ManagementCenter, ref)) ?? {}, 'Ready')?.reason, 'NotOpenShift');
});
