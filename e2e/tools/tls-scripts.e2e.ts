import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import type { KeyPair } from '@binnacle/runtime';
import { agentCertificate } from '../../operators/hazelcast/src/agent/certificate.ts';
import { OPTIONS_ENV, clientOptions } from '../../operators/doris/src/initializer/objects/encryption.ts';
import { START } from '../../operators/doris/src/initializer/objects/start.py.ts';
import { mariadb } from './mariadb.ts';
import type { MariaDb } from './mariadb.ts';

/** The initializer's script where front ends offer TLS: with the library and the options of its Job, against a server that we did not write. */
const life = longLife(Date.now());
const authority = createAuthority('ours', life);
const others = createAuthority('others', life);
/** Good for clients, and its own authority. */
const own = agentCertificate(Date.now());
const folder = mkdtempSync(join(tmpdir(), 'initializer-tls-'));

const serve = ({ certificate, key }: KeyPair) => [write('cert.pem', certificate), write('key.pem', key)] as const;
const signed = (hosts: readonly string[]) => createServerCertificate(authority, 'ours', hosts, life);

let server: MariaDb;
let plain: MariaDb;
before(async () => {
  const [cert, key] = serve(signed(['127.0.0.1']));
  server = await mariadb([`--ssl-cert=${cert}`, `--ssl-key=${key}`, `--ssl-ca=${write('ca.pem', authority.certificate + own.certificate)}`]);
  server.sql(
    "CREATE USER k8sopr IDENTIFIED BY 'first' REQUIRE SSL; CREATE USER proven IDENTIFIED BY 'first' REQUIRE X509; CREATE USER admin; GRANT ALL ON *.* TO k8sopr, proven WITH GRANT OPTION",
  );
  plain = await mariadb(['--skip-ssl']);
  plain.sql("CREATE USER k8sopr IDENTIFIED BY 'first'; CREATE USER admin; GRANT ALL ON *.* TO k8sopr WITH GRANT OPTION");
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string): string {
  const at = join(folder, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, content.replaceAll('/etc/doris/', `${folder}/etc/doris/`));
  return at;
}

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Sets the password of admin, as the Job does. */
async function setAdmin(password: string, { as = 'k8sopr', to = server, ca = authority.certificate, proven = false } = {}): Promise<Ran> {
  write('etc/doris/account/user', as);
  write('etc/doris/account/password', 'first');
  write('etc/doris/password/admin', password);
  write('etc/doris/tls/ca.crt', ca);
  write('etc/doris/tls-client/tls.crt', own.certificate);
  write('etc/doris/tls-client/tls.key', own.key);
  const options = write('etc/doris/client.cnf', clientOptions({ cluster: 'prod', host: '127.0.0.1', ...(proven ? { clientSecretName: 'operator' } : {}) }));
  return await run(options, to);
}

async function run(options: string, to: MariaDb): Promise<Ran> {
  const env = { ...process.env, FE_SVC: '127.0.0.1', FE_QUERY_PORT: String(to.port), [OPTIONS_ENV.name]: options };
  const script = START.replaceAll('/etc/doris/', `${folder}/etc/doris/`).replace('range(10)', 'range(1)').replace('attempt == 9', 'attempt == 0');
  const child = spawn('/usr/bin/python3', ['-c', script], { env });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output: output.join('') };
}

test('it logs in over TLS, and a server that asks for a certificate gets one', async () => {
  assert.deepEqual(await setAdmin('a'), { code: 0, output: 'set the password of admin\nexecuted 0 statements\n' });
  assert.equal((await setAdmin('b', { as: 'proven' })).code, 1);
  assert.deepEqual(await setAdmin('c', { as: 'proven', proven: true }), { code: 0, output: 'set the password of admin\nexecuted 0 statements\n' });
});

test('a server of another authority, or for another host, gets no password, and the reason is told', async () => {
  const unknown = await setAdmin('d', { ca: others.certificate });
  assert.equal(unknown.code, 1);
  assert.match(unknown.output, /^Doris: error 2026, TLS\/SSL error: .*(certificate|issuer)/);
  serve(signed(['elsewhere.example']));
  server.sql('FLUSH SSL');
  const elsewhere = await setAdmin('e');
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.output, /^Doris: error 2026, TLS\/SSL error: .*certificate/);
  serve(signed(['127.0.0.1']));
  server.sql('FLUSH SSL');
  assert.equal((await setAdmin('f')).code, 0, 'and then it does');
});

test('a server that offers no TLS is not logged in to, nor is any without the file of options', async () => {
  const before = plain.sql("SELECT authentication_string FROM mysql.user WHERE user = 'admin'");
  const { code, output } = await setAdmin('g', { to: plain });
  assert.equal(code, 1);
  assert.match(output, /^Doris: error 2026, .*does not support it/);
  assert.equal(plain.sql("SELECT authentication_string FROM mysql.user WHERE user = 'admin'"), before);
  const missing = await run(join(folder, 'missing.cnf'), plain);
  assert.equal(missing.code, 1);
  assert.match(missing.output, /No such file/);
});
