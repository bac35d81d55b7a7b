import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@binnacle/client/kinds';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import type { Spec } from '../src/api/spec.ts';
import { AT, prod, sized } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import { throughTls } from './tls-door.ts';

const HOSTS = ['prod-fe.default.svc.cluster.local', '*.prod-fe-peer.default.svc.cluster.local'];
const authority = createAuthority('ours', longLife(1_767_225_600_000));
/** What the statements' door shows: it sees them encrypted as well. */
const shown = createServerCertificate(authority, 'ours', HOSTS, longLife(1_767_225_600_000));
const base64 = (text: string) => Buffer.from(text).toString('base64');

const encrypted = (): Spec => {
  const spec = sized(1, 1);
  return { ...spec, fe: { ...spec.fe!, tls: { secretName: 'certificate' } } };
};

async function certify(w: World): Promise<void> {
  const { certificate, key } = createServerCertificate(authority, 'ours', HOSTS, longLife(1_767_225_600_000));
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(key), 'ca.crt': base64(authority.certificate) };
  await w.api.apply(Secret, { metadata: { ...AT, name: 'certificate' }, data }, { fieldManager: 'user', force: true });
}

/** On, renewed, off: one restart for each of the outer two, and the operator reaches its front end after each. */
test('TLS comes to a cluster, is renewed and goes, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () =>
    crashStory({
      through: (door) => throughTls(door, { ...shown, authority: authority.certificate }),
      round: true,
      async given(w) {
        await prod(w).apply(sized(1, 1));
        await prod(w).ready();
        await certify(w);
      },
      when: {
        async on(w) {
          await prod(w).apply(encrypted());
          await prod(w).ready();
        },
        async renewed(w) {
          await certify(w);
          await prod(w).ready();
        },
        async off(w) {
          await prod(w).apply(sized(1, 1));
          await prod(w).ready();
        },
      },
      async finally(w) {
        assert.equal(await w.find(Secret, { namespace: AT.namespace, name: 'prod-fe-tls' }), undefined);
        assert.ok((await prod(w).backends()).every((one) => one.alive));
      },
    }),
  );
  assert.ok((ran.calls['write'] ?? 0) > 0);
  // Twelve of a restart each way are sent while the front end offers no TLS yet, or no more.
  assert.ok((ran.calls['statement'] ?? 0) > 12, 'what went encrypted was not seen');
});
