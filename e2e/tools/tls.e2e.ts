import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock, tcpNetwork } from '@binnacle/client';
import { alone, createAuthority, createServerCertificate, keyStore, longLife, materialOf, trustStore } from '@binnacle/runtime';
import type { KeyPair } from '@binnacle/runtime';
import { agentCertificate } from '../../operators/hazelcast/src/agent/certificate.ts';
import { frontEnd } from '../../operators/doris/src/sql/front-end.ts';
import type { Statement } from '../../operators/doris/src/sql/statements.ts';
import type { Tls } from '../../operators/doris/src/sql/tls.ts';
import { mariadb } from './mariadb.ts';
import type { MariaDb } from './mariadb.ts';

/** TLS of our SQL client against a server that we did not write, and our keystores in the hands of Java, in which Doris reads them. */
const doors = { network: tcpNetwork(), clock: systemClock() };
const never = new AbortController().signal;
const CIPHER = "SHOW STATUS LIKE 'Ssl_cipher'" as Statement; // sound: text of our own

const life = longLife(Date.now());
const authority = createAuthority('ours', life);
const folder = mkdtempSync(join(tmpdir(), 'tls-'));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const serve = ({ certificate, key }: KeyPair) => [file('cert.pem', certificate), file('key.pem', key)] as const;
/** Good for clients, and its own authority. */
const ours = agentCertificate(Date.now());
const signed = (hosts: readonly string[]) => createServerCertificate(authority, 'ours', hosts, life);

let server: MariaDb;
let plain: MariaDb;
before(async () => {
  const [cert, key] = serve(signed(['localhost']));
  server = await mariadb([`--ssl-cert=${cert}`, `--ssl-key=${key}`, `--ssl-ca=${file('ca.pem', authority.certificate + ours.certificate)}`]);
  server.sql(
    "CREATE USER keeper IDENTIFIED BY 'first'; CREATE USER proven IDENTIFIED BY 'first' REQUIRE X509; CREATE USER hidden IDENTIFIED BY 'first' REQUIRE SSL",
  );
  plain = await mariadb(['--skip-ssl']);
  plain.sql("CREATE USER keeper IDENTIFIED BY 'first'");
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const trusting: Tls = { ca: authority.certificate, required: true };
const login = async (user: string, tls: Tls | undefined, to = server) =>
  await frontEnd(doors, { host: 'localhost', port: to.port, account: { user, password: 'first', ...(tls === undefined ? {} : { tls }) } }, alone(never));
const isEncrypted = async (user: string, tls: Tls | undefined, to = server): Promise<boolean> => {
  await using fe = await login(user, tls, to);
  return ((await fe.query(CIPHER, never))[0]?.['Value'] ?? '') !== '';
};

test('with an authority that is named the connection is encrypted; without TLS asked for it is not', async () => {
  assert.equal(await isEncrypted('hidden', trusting), true);
  assert.equal(await isEncrypted('keeper', undefined), false);
  await assert.rejects(login('hidden', undefined), { code: 'denied' });
});

test('another authority, and a certificate for another host, are not believed, and the password stays here', async () => {
  await assert.rejects(login('keeper', { ...trusting, ca: createAuthority('others', life).certificate }), { code: 'lost', message: /certificate/ });
  serve(signed(['elsewhere.example']));
  server.sql('FLUSH SSL');
  await assert.rejects(login('keeper', trusting), { code: 'lost', message: /altnames/ });
});

test('a certificate that the server renews is believed at the next connection', async () => {
  serve(signed(['localhost']));
  server.sql('FLUSH SSL');
  assert.equal(await isEncrypted('keeper', trusting), true);
});

test('a server that asks for a certificate of ours gets it', async () => {
  await assert.rejects(login('proven', trusting), { code: 'denied' });
  assert.equal(await isEncrypted('proven', { ...trusting, own: { cert: ours.certificate, key: ours.key } }), true);
});

test('a server without TLS is refused, or, while nodes get it one by one, spoken to in clear', async () => {
  await assert.rejects(login('keeper', trusting, plain), { code: 'lost', message: /does not support secure/ });
  assert.equal(await isEncrypted('keeper', { ...trusting, required: false }, plain), false);
  assert.equal(await isEncrypted('keeper', { ...trusting, required: false }), true, 'offered and not taken');
});

test('Java finds the key with its chain in one store, and an authority that it trusts in the other', () => {
  const { certificate, key } = signed(['a.example']);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const material = materialOf({ 'tls.crt': base64(certificate + authority.certificate), 'tls.key': base64(key), 'ca.crt': base64(authority.certificate) });
  assert.ok(typeof material !== 'string');
  const list = (path: string) =>
    execFileSync('keytool', ['-list', '-v', '-storetype', 'PKCS12', '-storepass', 'doris', '-keystore', path], { encoding: 'utf8' });
  const own = list(file('server.p12', keyStore(material, 'doris')));
  assert.match(own, /Entry type: PrivateKeyEntry/);
  assert.match(own, /Certificate chain length: 2/);
  const trusted = list(file('ca.p12', trustStore(material.authorities)));
  assert.match(trusted, /Entry type: trustedCertEntry/);
});
