import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { agentCertificate } from '../src/agent/certificate.ts';
import { ManagementCenter } from '../src/index.ts';
import { apply, applied } from './examples.ts';
import { LICENCE, put, subject } from './put.ts';

const secret = (w: World, name: string, data: Readonly<Record<string, string>>) =>
  put(w, Secret, name, { data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])) });

test('the examples of backups do as they are', { timeout: 120_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, Secret, 'hazelcast-license-key', LICENCE);
  await secret(w, 'bucket-credentials', { 'access-key-id': 'a', 'secret-access-key': 'b', region: 'eu-west-1' });
  for (const file of ['persistence', 'hot-backup', 'hot-backup-bucket', 'cron-hot-backup', 'cron-hot-backup-local']) await applied(w, file);
});

test('the examples of Management Center do as they are; a Route only where there are any', { timeout: 120_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await secret(w, 'ldap-account', { username: 'cn=admin', password: 'secret' });
  const { key, certificate } = agentCertificate(0);
  await secret(w, 'hazelcast-tls', { 'tls.crt': certificate, 'tls.key': key });
  for (const file of ['management-center', 'management-center-tls', 'management-center-ingress', 'management-center-ldap']) await applied(w, file);
  const { ref } = await apply(w, 'management-center-route');
  await w.until(ManagementCenter, ref, (now) => now?.status?.phase === 'Failed');
  assert.equal(conditionOf((await w.find(ManagementCenter, ref)) ?? {}, 'Ready')?.reason, 'NotOpenShift');
});
