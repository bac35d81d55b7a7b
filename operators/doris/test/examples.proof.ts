import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { world } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import { doris, example } from './subject.ts';

const files = readdirSync(new URL('../../../examples/doris/', import.meta.url)).filter((file) => example(file)['kind'] === 'DorisCluster');
/** For which names tls.yaml wants its certificate. */
const TLS_HOSTS = ['encrypted-fe.default.svc.cluster.local', '*.encrypted-fe-peer.default.svc.cluster.local'];
const base64 = (text: string) => Buffer.from(text).toString('base64');
const isThere = (now: Live<typeof DorisCluster> | undefined): boolean =>
  now !== undefined && (isReady(now) || conditionOf(now, 'Suspended')?.status === 'True');

test('every example of a DorisCluster is taken as it is and comes up: Ready, or Suspended where that is what it shows', { timeout: 280_000 }, async (t) => {
  await using w = await world([doris]);
  const authority = createAuthority('ours', longLife(w.clock.now()));
  const { certificate, key } = createServerCertificate(authority, 'ours', TLS_HOSTS, longLife(w.clock.now()));
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(key), 'ca.crt': base64(authority.certificate) };
  await w.api.create(Secret, { metadata: { namespace: 'default', name: 'front-ends' }, type: 'kubernetes.io/tls', data });
  w.start(doris);
  assert.ok(files.length >= 12, `${files.length} examples`);
  for (const file of files) {
    const { metadata, ...rest } = example(file);
    await w.api.apply(DorisCluster, { metadata, ...rest }, { fieldManager: 'user' });
    const began = w.clock.now();
    await w.until(DorisCluster, metadata, isThere);
    const { status } = await w.api.get(DorisCluster, metadata);
    t.diagnostic(`${file}: ${status?.phase} after ${(w.clock.now() - began) / 1_000} s`);
    await w.api.delete(DorisCluster, metadata);
  }
});
