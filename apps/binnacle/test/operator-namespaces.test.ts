import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { conditionOf, systemClock } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import { Namespace, StatefulSet } from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { Hazelcast } from '@binnacle/hazelcast';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../src/cluster.ts';
import type { LocalCluster } from '../src/cluster.ts';
import { manifests } from '../src/commands/manifests.ts';
import { SYSTEM_NAMESPACE } from '../src/install.ts';
import type { OperatorName } from '../src/operator-names.ts';
import { entries } from '../src/operators.ts';
import { binnacle } from '../src/program.ts';
import { example } from './examples.ts';
import { kubectl } from './kubectl.ts';
import { freePort } from '@binnacle/testing';
import { answer, operatorProcess } from './operator-process.ts';

const NAMESPACES = ['one', 'two', 'three'] as const;
const clock = systemClock();
const folder = mkdtempSync(join(tmpdir(), 'binnacle-namespaces-'));
const admin = join(folder, 'admin');
const limited = (name: OperatorName) => join(folder, name);
let cluster: LocalCluster;

/** Operators that may do what is printed for two namespaces, and nothing else. */
before(async () => {
  cluster = await startLocalCluster({ port: 0, kubeconfig: admin, state: undefined, operators: [], clock, log: silentLogger });
  const tool = kubectl(admin);
  for (const name of NAMESPACES) await cluster.api.create(Namespace, { metadata: { name } });
  await tool.ok(['apply', '-f', '-'], manifests('install', entries(), { namespaces: ['one', 'two'] }));
  for (const { name } of entries()) {
    const token = (await tool.ok(['create', 'token', `${name}-operator`, '-n', SYSTEM_NAMESPACE])).trim();
    writeFileSync(limited(name), readFileSync(admin, 'utf8').replace(/token: .*/, `token: ${token}`));
  }
});

after(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

for (const [name, kind, file, looksAfter] of [
  ['doris', DorisCluster, 'doris/basic.yaml', ['one']],
  ['doris', DorisCluster, 'doris/basic.yaml', ['one', 'two']],
  ['hazelcast', Hazelcast, 'hazelcast/basic.yaml', ['one', 'two']],
] as const) {
  const flag = looksAfter.join(', ');
  test(
    `${name} --namespaces ${flag}: clusters there are brought about with the rights printed for them, others are left alone`,
    { timeout: 90_000 },
    async () => {
      const { api } = cluster;
      const place = (namespace: string) => ({ namespace, name: 'prod' });
      for (const namespace of NAMESPACES) await api.create<AnyKind>(kind, { ...example(file), metadata: place(namespace) });
      const health = await freePort();
      {
        const flags = ['--kubeconfig', limited(name), '--reach', 'dns', '--health-port', String(health), '--namespaces', flag];
        await using operator = operatorProcess([name, ...flags]);
        await operator.eventually('ready', async () => (await answer(health, '/readyz')).status === 200);
        for (const namespace of looksAfter) {
          const begun = async () => conditionOf(await api.get(kind as typeof DorisCluster, place(namespace)), 'Progressing') !== undefined;
          await operator.eventually(`at work in ${namespace}`, begun);
          await operator.eventually(`members in ${namespace}`, async () => (await api.list(StatefulSet, { namespace })).items.length > 0);
        }
        operator.signal('SIGTERM');
        assert.equal(await operator.ended, 0, operator.said());
        assert.doesNotMatch(operator.said(), /orbidden/);
      }
      for (const namespace of NAMESPACES) {
        const seen = (await api.get(kind as typeof DorisCluster, place(namespace))).status !== undefined;
        assert.equal(seen, (looksAfter as readonly string[]).includes(namespace), namespace);
        await api.patch(kind as typeof DorisCluster, place(namespace), { type: 'merge', body: { metadata: { finalizers: null } } });
        await api.delete(kind as typeof DorisCluster, place(namespace));
      }
    },
  );
}

test('printed for some namespaces, the Deployment looks after those, and a wrong name is refused', async () => {
  const printed = manifests('install', entries(['doris']), { namespaces: ['one', 'two'], image: 'binnacle/operator:test' });
  assert.match(printed, /- --namespaces\n +- one,two\n/);
  const wrong = binnacle()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const command of wrong.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await assert.rejects(wrong.parseAsync(['manifests', 'install', '--namespaces', 'one,Two'], { from: 'user' }), /'Two' is no name of a namespace/);
  await assert.rejects(wrong.parseAsync(['manifests', 'crds', '--namespaces', 'one'], { from: 'user' }), /--namespaces goes with/);
});

test('all namespaces need the rights in all: without them it says what it may not, and is not ready', { timeout: 60_000 }, async () => {
  const health = await freePort();
  await using operator = operatorProcess(['doris', '--kubeconfig', limited('doris'), '--health-port', String(health)]);
  await operator.eventually('told', async () => /dorisclusters[^\n]*orbidden|orbidden[^\n]*dorisclusters/.test(operator.said()));
  assert.notEqual((await answer(health, '/readyz')).status, 200);
});
