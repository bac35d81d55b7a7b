import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { conditionOf, systemClock, tcpNetwork } from '@binnacle/client';
import { ClusterRoleBinding, Namespace, RoleBinding } from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../src/cluster.ts';
import type { LocalCluster } from '../src/cluster.ts';
import { SYSTEM_NAMESPACE, accountOf, install } from '../src/install.ts';
import { entries } from '../src/operators.ts';
import { example } from './examples.ts';
import { kubectl } from './kubectl.ts';
import { freePort } from '@binnacle/testing';
import { answer, operatorProcess } from './operator-process.ts';

const [doris] = entries(['doris']);
const account = accountOf(doris!);
const NAMESPACES = ['one', 'two', 'three'] as const;
const clock = systemClock();
const folder = mkdtempSync(join(tmpdir(), 'binnacle-namespaces-'));
const [admin, limited] = [join(folder, 'admin'), join(folder, 'limited')];
let cluster: LocalCluster;

/** The operator's account has its rights in two namespaces by RoleBindings, and none anywhere else. */
before(async () => {
  cluster = await startLocalCluster({ port: 0, kubeconfig: admin, state: undefined, operators: [], clock, log: silentLogger });
  const { api } = cluster;
  await install(api, doris!, doris!.create({ network: tcpNetwork(), clock, log: silentLogger }));
  for (const name of NAMESPACES) await api.create(Namespace, { metadata: { name } });
  const { roleRef, subjects } = await api.get(ClusterRoleBinding, { name: account });
  for (const namespace of ['one', 'two']) {
    const binding = { metadata: { namespace, name: account }, roleRef, subjects };
    await api.create(RoleBinding, binding);
  }
  await api.delete(ClusterRoleBinding, { name: account });
  const token = (await kubectl(admin).ok(['create', 'token', account, '-n', SYSTEM_NAMESPACE])).trim();
  writeFileSync(limited, readFileSync(admin, 'utf8').replace(/token: .*/, `token: ${token}`));
});

after(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

for (const [flags, looksAfter] of [
  [['--namespaces', 'one'], ['one']],
  [
    ['--namespaces', 'one, two'],
    ['one', 'two'],
  ],
] as const) {
  test(`${flags.join(' ')}: clusters there are brought about with the rights of Roles alone, others are left alone`, { timeout: 90_000 }, async () => {
    const { api } = cluster;
    for (const namespace of NAMESPACES) await api.create(DorisCluster, { ...example('doris/basic.yaml'), metadata: { namespace, name: 'prod' } } as never);
    const health = await freePort();
    {
      await using operator = operatorProcess(['doris', '--kubeconfig', limited, '--reach', 'dns', '--health-port', String(health), ...flags]);
      await operator.eventually('ready', async () => (await answer(health, '/readyz')).status === 200);
      for (const namespace of looksAfter)
        await operator.eventually(
          `at work in ${namespace}`,
          async () => conditionOf(await api.get(DorisCluster, { namespace, name: 'prod' }), 'Progressing') !== undefined,
        );
      operator.signal('SIGTERM');
      assert.equal(await operator.ended, 0, operator.said());
      assert.doesNotMatch(operator.said(), /orbidden/);
    }
    for (const namespace of NAMESPACES) {
      const seen = (await api.get(DorisCluster, { namespace, name: 'prod' })).status !== undefined;
      assert.equal(seen, (looksAfter as readonly string[]).includes(namespace), namespace);
      await api.delete(DorisCluster, { namespace, name: 'prod' });
    }
  });
}

test('all namespaces need the rights in all: without them it says what it may not, and is not ready', { timeout: 60_000 }, async () => {
  const health = await freePort();
  await using operator = operatorProcess(['doris', '--kubeconfig', limited, '--health-port', String(health)]);
  await operator.eventually('told', async () => /dorisclusters[^\n]*orbidden|orbidden[^\n]*dorisclusters/.test(operator.said()));
  assert.notEqual((await answer(health, '/readyz')).status, 200);
});
