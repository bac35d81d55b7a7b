import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentCertificate } from '../agent/certificate.ts';
import { jks } from './jks.ts';

const { key, certificate } = agentCertificate(1_767_225_600_000);

test('Java reads it, the key too', (t) => {
  if (spawnSync('keytool', ['-help']).error !== undefined) return t.skip('no Java here');
  const folder = mkdtempSync(join(tmpdir(), 'jks-'));
  try {
    const file = join(folder, 'store.jks');
    writeFileSync(file, jks({ trusted: [certificate], identity: { key, chain: [certificate] } }, 'hazelcast'));
    const from = ['-srckeystore', file, '-srcstorepass', 'hazelcast', '-srcalias', 'hazelcast', '-srckeypass', 'hazelcast'];
    const to = ['-destkeystore', join(folder, 'copy.p12'), '-deststoretype', 'PKCS12', '-deststorepass', 'hazelcast'];
    const { status, stderr } = spawnSync('keytool', ['-importkeystore', '-noprompt', ...from, ...to], { encoding: 'utf8' });
    return assert.equal(status, 0, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
