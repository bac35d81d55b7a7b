import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { agentCertificate } from '../agent/certificate.ts';
import { readKeyStore, writeKeyStore } from './jks.ts';
import { materialOf } from '@binnacle/runtime';

const NOW = 1_767_225_600_000;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const made = (nowMs = NOW) => {
  const { key, certificate } = agentCertificate(nowMs);
  const material = materialOf({ 'tls.crt': base64(certificate), 'tls.key': base64(key), 'ca.crt': base64(certificate) });
  assert.ok(typeof material !== 'string');
  return { key, certificate, material };
};

test('a keystore reads as it was written, and the same content is the same bytes', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 3_000 }).map((one) => Buffer.from(one));
  const plain = { noNullPrototype: true };
  const own = fc.option(fc.record({ key: bytes, chain: fc.array(bytes, { maxLength: 3 }) }, plain), { nil: undefined });
  const store = fc.record({ own, trusted: fc.array(bytes) }, plain);
  fc.assert(
    fc.property(store, fc.string(), (one, password) => {
      const written = writeKeyStore(one, password);
      assert.deepEqual(readKeyStore(written, password), one);
      assert.deepEqual(writeKeyStore(one, password), written);
      assert.throws(() => readKeyStore(written, `${password}!`), /password/);
    }),
    { numRuns: 30 },
  );
});

test('damaged bytes are no keystore, and never a half-read one', () => {
  const { material } = made();
  const written = writeKeyStore({ own: { key: material.key, chain: material.chain }, trusted: [] }, 'hazelcast');
  fc.assert(
    fc.property(fc.nat(written.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(written);
      damaged[at] = damaged[at]! ^ change;
      assert.throws(() => readKeyStore(damaged, 'hazelcast'));
      assert.throws(() => readKeyStore(written.subarray(0, at), 'hazelcast'));
    }),
  );
});

test('8.2.14: a Secret may hold a chain and keys of any kind; what is wrong with it is said without its content', () => {
  const { key, certificate } = made();
  const asSec1 = createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString();
  const chained = materialOf({ 'tls.crt': base64(certificate + made(NOW + 1_000).certificate), 'tls.key': base64(asSec1) });
  assert.ok(typeof chained !== 'string');
  assert.deepEqual([chained.chain.length, chained.authorities.length], [2, 0]);
  assert.deepEqual(createPrivateKey({ key: chained.key, format: 'der', type: 'pkcs8' }).asymmetricKeyType, 'ec');
  assert.equal(materialOf(undefined), 'has no tls.crt');
  assert.equal(materialOf({ 'tls.crt': base64(certificate) }), 'has no tls.key');
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const withKey = (text: string) => materialOf({ 'tls.crt': base64(certificate), 'tls.key': base64(text) });
  assert.equal(withKey(other), 'has a tls.key that does not belong to the first certificate of tls.crt');
  assert.equal(withKey('secret words'), 'has no readable PEM in tls.crt, tls.key or ca.crt');
});

/** Made by the keytool of Java 17.0.21, which leaves out the parameters that older ones wrote as NULL. */
const BY_NEW_JAVA = [
  '/u3+7QAAAAIAAAABAAAAAQABeAAAAaIe4+4kAAAAfTB7MAwGCisGAQQBKgIRAQEEa1W2gc5OA5JkTWAJMSgcH+T6gtrz1yQUgXgGT96CDv6R5oh4JH2Iiw6zM2gEtzWjj0mydaIBoO41',
  'pzJ5qT9As0ciSevBKZlYK+AlV9x8j20CSzOeosuxTyYcG5qAccQEI9SaKUFlNhqOFc8DAAAAAQAFWC41MDkAAAEzMIIBLzCB16ADAgECAggSAwfW5mqslzAKBggqhkjOPQQDAjAMMQow',
  'CAYDVQQDEwF4MCAXDTI2MTEyNzIxMjMwM1oYDzIxMjYxMTAzMjEyMzAzWjAMMQowCAYDVQQDEwF4MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXdl/YiVgOhYrk4OmwOZRoeOqlrqS',
  'tg+dluDVUH/TdsZowgt1qchKYO6qBgl/1zSp2FuIr5cn7emapI39ya9wqqMhMB8wHQYDVR0OBBYEFJuTv6rs88A/TwytKUCFIN6rM8zrMAoGCCqGSM49BAMCA0cAMEQCICgjurpbAo7J',
  'vnmVbdbz82ADLgDtFS1IRu+eAgwYh7U2AiBpGaXvXV0mLm9zejl+AxxEfkPho6yWtZLSfeH9xj3W/yWeyxxQsZg6+hm10cY7XcDN64R6',
].join('');

test('keystores of newer Java are read as well: it names the protection of keys in fewer bytes', () => {
  const { own } = readKeyStore(Buffer.from(BY_NEW_JAVA, 'base64'), 'hazelcast');
  assert.ok(new X509Certificate(own!.chain[0]!).checkPrivateKey(createPrivateKey({ key: own!.key, format: 'der', type: 'pkcs8' })));
});

const noJava = spawnSync('keytool', ['-help'], { stdio: 'ignore' }).error === undefined ? false : 'no keytool on this machine';
test('Java reads the keystores that are written here, and its own are read here', { skip: noJava }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'binnacle-jks-'));
  const keytool = (...args: string[]) => execFileSync('keytool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const { material } = made();
    const ours = join(dir, 'ours.jks');
    writeFileSync(ours, writeKeyStore({ own: { key: material.key, chain: material.chain }, trusted: material.authorities }, 'hazelcast'));
    const listed = keytool('-list', '-v', '-keystore', ours, '-storepass', 'hazelcast');
    assert.match(listed, /Alias name: hazelcast[\s\S]*Entry type: PrivateKeyEntry/);
    assert.match(listed, /Entry type: trustedCertEntry/);
    const p12 = join(dir, 'ours.p12');
    keytool(
      '-importkeystore',
      '-srckeystore',
      ours,
      '-srcstorepass',
      'hazelcast',
      '-destkeystore',
      p12,
      '-deststorepass',
      'hazelcast',
      '-deststoretype',
      'PKCS12',
    );
    const theirs = join(dir, 'theirs.jks');
    const args = ['-genkeypair', '-alias', 'x', '-keyalg', 'EC', '-dname', 'CN=x', '-storetype', 'JKS', '-storepass', 'hazelcast', '-keypass', 'hazelcast'];
    keytool(...args, '-keystore', theirs);
    const read = readKeyStore(readFileSync(theirs), 'hazelcast');
    assert.ok(new X509Certificate(read.own!.chain[0]!).checkPrivateKey(createPrivateKey({ key: read.own!.key, format: 'der', type: 'pkcs8' })));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
