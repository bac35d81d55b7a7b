import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { agentCertificate } from '../agent/certificate.ts';
import { certificatesIn, jks } from './jks.ts';

const { key, certificate } = agentCertificate(1_767_225_600_000);
const store = () => jks({ trusted: [certificate], identity: { key, chain: [certificate] } }, 'hazelcast');

test('a keystore has the marks of one: its magic, two entries, and a digest over all of it', () => {
  const bytes = store();
  assert.deepEqual([bytes.readUInt32BE(0), bytes.readUInt32BE(4), bytes.readUInt32BE(8)], [0xfeedfeed, 2, 2]);
  const password = Buffer.from('hazelcast', 'utf16le').swap16();
  const digest = createHash('sha1')
    .update(Buffer.concat([password, Buffer.from('Mighty Aphrodite'), bytes.subarray(0, -20)]))
    .digest();
  assert.deepEqual(bytes.subarray(-20), digest);
});

test('the same content gives the same bytes, and the key does not lie in it as it is', () => {
  assert.deepEqual(store(), store());
  const der = Buffer.from(key.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  assert.equal(store().indexOf(der.subarray(8, 40)), -1);
});

test('keys of other forms than PKCS#8 are taken too, and what is no key is refused without showing it', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  assert.ok(jks({ trusted: [], identity: { key: pkcs1, chain: [certificate] } }, 'p').length > 1_000);
  assert.throws(
    () => jks({ trusted: [], identity: { key: 'secret', chain: [] } }, 'p'),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('a chain is taken apart into its certificates', () => {
  assert.deepEqual(certificatesIn(`${certificate}\n${certificate}`).length, 2);
  assert.deepEqual(certificatesIn('nothing'), []);
});
