import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isNotFound, systemClock } from '@binnacle/client';
import type { Api } from '@binnacle/client';
import { ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { Hazelcast } from '@binnacle/hazelcast';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../src/cluster.ts';
import type { OperatorName } from '../src/operators.ts';
import { example } from './examples.ts';

const folder = mkdtempSync(join(tmpdir(), 'binnacle-webhook-'));
after(() => rmSync(folder, { recursive: true }));

const clock = systemClock();
const start = (operators: readonly OperatorName[]) =>
  startLocalCluster({ port: 0, kubeconfig: join(folder, 'kubeconfig'), state: join(folder, 'state'), operators, clock, log: silentLogger });

const place = (name: string) => ({ namespace: 'default', name });
const hazelcast = (name: string, change: object = {}) => {
  const object = example('hazelcast/basic.yaml', name);
  return { ...object, spec: { ...(object['spec'] as object), ...change } };
};
const TOO_MANY = { clusterSize: 301 };

/** Waits in real time; what is awaited takes milliseconds. */
async function until(holds: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  for (const end = clock.monotonic() + withinMs; !(await holds()); await clock.sleep(20)) assert.ok(clock.monotonic() < end, `not within ${withinMs} ms`);
}

/** Until the webhook of this process' operator is announced: an earlier one's address may still stand there. */
async function asked(api: Api): Promise<void> {
  await until(async () => {
    const { status } = await api.create(Hazelcast, hazelcast('probe', TOO_MANY), { dryRun: true }).then(
      () => ({ status: 201 }),
      () => ({ status: 422 }),
    );
    return status === 422;
  });
}

const gone = (api: Api, name: string) => until(() => api.get(Hazelcast, place(name)).then(() => false, isNotFound));

test(
  'a Hazelcast is filled in when it is made, a wrong one is refused with its path; deleting works always, with the operator up or down',
  { timeout: 60_000 },
  async () => {
    {
      await using cluster = await start(['hazelcast']);
      const { api } = cluster;
      await asked(api);
      const { webhooks } = await api.get(ValidatingWebhookConfiguration, { name: 'hazelcast-operator' });
      assert.deepEqual(
        webhooks
          ?.flatMap(({ rules = [] }) => rules.flatMap(({ operations }) => operations))
          .filter((operation) => operation !== 'CREATE' && operation !== 'UPDATE'),
        [],
      );
      await assert.rejects(api.create(Hazelcast, hazelcast('many', TOO_MANY)), {
        code: 422,
        reason: 'Invalid',
        message:
          /^admission webhook "validate\.hazelcasts\.hazelcast\.com" denied the request: Hazelcast\.hazelcast\.com "many" is invalid: spec\.clusterSize: Invalid value: 301/,
      });
      const devices = { licenseKeySecretName: 'key', localDevices: [{ name: 'disk', pvc: { accessModes: ['ReadWriteOnce'] } }] };
      await assert.rejects(api.create(Hazelcast, hazelcast('tiered', devices)), {
        message: /spec\.nativeMemory: Required value: Native Memory must be enabled/,
      });
      const filled = async () => (await api.create(Hazelcast, hazelcast('probe'), { dryRun: true })).spec.repository;
      await until(async () => (await filled()) === 'docker.io/hazelcast/hazelcast');
      await api.create(Hazelcast, hazelcast('good'));
      await until(async () => ((await api.get(Hazelcast, place('good'))).metadata.finalizers ?? []).length > 0);
      await assert.rejects(api.patch(Hazelcast, place('good'), { type: 'merge', body: { spec: TOO_MANY } }), { message: /spec\.clusterSize/ });
    }
    {
      // The operator is down, its webhook still announced.
      await using cluster = await start([]);
      const { api } = cluster;
      await api.create(Hazelcast, hazelcast('wrong', TOO_MANY));
      await api.create(Hazelcast, hazelcast('short', TOO_MANY));
      await api.delete(Hazelcast, place('short'));
      await gone(api, 'short');
      await api.delete(Hazelcast, place('good'));
      await api.patch(Hazelcast, place('good'), { type: 'merge', body: { metadata: { finalizers: null } } });
      await gone(api, 'good');
    }
    {
      await using cluster = await start(['hazelcast']);
      const { api } = cluster;
      await asked(api);
      await api.patch(Hazelcast, place('wrong'), { type: 'merge', body: { metadata: { labels: { looked: 'at' } } } });
      await api.delete(Hazelcast, place('wrong'));
      await gone(api, 'wrong');
    }
  },
);
