import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { bornScript } from '../../operators/doris/src/cluster/objects/born.ts';
import { mariadb } from './mariadb.ts';
import type { MariaDb } from './mariadb.ts';

/**
 * What runs before a front end whose volume is empty: the shell's script, with a real client against a server that we did not write. Between the two is a shim, which asks
 * that server for something it knows, and finds the Service on this machine.
 */
const life = longLife(Date.now());
const authority = createAuthority('ours', life);
const folder = mkdtempSync(join(tmpdir(), 'born-once-'));
const SHIM = `#!/bin/bash
for word; do
  case "$word" in
    prod-fe|prod-fe.default.svc.cluster.local) words+=(127.0.0.1) ;;
    'SHOW FRONTENDS') words+=("SELECT 'true'") ;;
    *) words+=("$word") ;;
  esac
done
exec mariadb --no-defaults --protocol=tcp "\${words[@]}"
`;

let server: MariaDb;
let plain: MariaDb;
before(async () => {
  const { certificate, key } = createServerCertificate(authority, 'ours', ['127.0.0.1'], life);
  server = await mariadb([`--ssl-cert=${write('cert.pem', certificate)}`, `--ssl-key=${write('key.pem', key)}`]);
  server.sql("CREATE USER hidden IDENTIFIED BY 'first' REQUIRE SSL; CREATE USER open IDENTIFIED BY 'first'");
  plain = await mariadb(['--skip-ssl']);
  plain.sql("CREATE USER open IDENTIFIED BY 'first'");
  mkdirSync(join(folder, 'bin'));
  for (const [name, text] of [
    ['mysql', SHIM],
    ['hostname', '#!/bin/sh\necho prod-fe-0\n'],
  ] as const) {
    write(`bin/${name}`, text);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  mkdirSync(join(folder, 'meta'));
  mkdirSync(join(folder, 'doris-born'));
  mkdirSync(join(folder, 'doris-tls'));
  write('doris-born/cluster-id', '1');
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string): string {
  writeFileSync(join(folder, path), content);
  return join(folder, path);
}

interface Way {
  readonly user: string;
  readonly to: MariaDb;
  readonly ca: string;
  readonly tls?: { readonly secretName: string; readonly clientSecretName?: string };
}

/** Runs it until it lets the front end start, or has asked three times. */
async function run({ user, to, ca, tls }: Way): Promise<{ readonly passed: boolean; readonly output: string }> {
  write('doris-tls/ca.crt', ca);
  const spec = { version: '2.0.3', fe: { baseImage: 'fe', replicas: 3, ...(tls === undefined ? {} : { tls }) } };
  const script = bornScript({ name: 'prod', namespace: 'default', spec } as Parameters<typeof bornScript>[0])
    .replaceAll('/opt/apache-doris/fe/doris-meta', `${folder}/meta`)
    .replaceAll('/etc/doris-', `${folder}/doris-`)
    .replaceAll('sleep 2', '[ $((tries = tries + 1)) -lt 3 ] || exit 9');
  const env = {
    ...process.env,
    PATH: `${folder}/bin:${process.env['PATH']}`,
    FE_SVC: 'prod-fe',
    FE_QUERY_PORT: String(to.port),
    ACC_USER: user,
    ACC_PWD: 'first',
  };
  const child = spawn('/bin/sh', ['-c', script], { env });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk));
  const [code] = (await once(child, 'close')) as [number];
  assert.ok(code === 0 || code === 9, output.join(''));
  return { passed: code === 0, output: output.join('') };
}

const tls = { secretName: 'certificate' };

test('it asks over TLS where front ends offer that', async () => {
  const { passed, output } = await run({ user: 'hidden', to: server, ca: authority.certificate, tls });
  assert.ok(passed, output);
  assert.doesNotMatch(output, /in clear/);
});

test('a front end that is not believed is asked nothing, neither over TLS nor in clear', async () => {
  const { passed } = await run({ user: 'open', to: server, ca: createAuthority('others', life).certificate, tls });
  assert.equal(passed, false);
});

test('one that offers no TLS yet is asked in clear, and that is told; without TLS in the spec there is nothing to tell', async () => {
  const early = await run({ user: 'open', to: plain, ca: authority.certificate, tls });
  assert.ok(early.passed, early.output);
  assert.match(early.output, /offers no TLS yet: asking in clear/);
  const without = await run({ user: 'open', to: server, ca: '' });
  assert.ok(without.passed, without.output);
  assert.doesNotMatch(without.output, /in clear/);
  const unproven = await run({ user: 'open', to: server, ca: authority.certificate, tls: { ...tls, clientSecretName: 'operator' } });
  assert.ok(unproven.passed, unproven.output);
  assert.match(unproven.output, /in clear: this pod has no certificate/);
});
