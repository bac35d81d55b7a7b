import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, systemClock } from '@binnacle/client';
import { ConfigMap, CustomResourceDefinition, MutatingWebhookConfiguration, Namespace, Secret, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { runOperator, silentLogger } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import { crd } from '@binnacle/schema';
import { guarded } from './guarded-web.ts';
import { Web } from './web-operator.ts';

const OPERATOR = guarded();

test('guards and fillers work on a cluster from what the operator knows, and a label switches them off', { timeout: 60_000 }, async () => {
  const clock = systemClock();
  await using sandbox = await startSandbox({ clock, log: silentLogger, images: [], seed: 1 });
  await using api = connect({ clock, userAgent: 'test', transport: sandbox.transport({ name: 'admin', groups: ['system:masters'] }) });
  const force = { fieldManager: 'test', force: true };
  await api.apply(CustomResourceDefinition, { ...crd(Web), metadata: { name: `${Web.plural}.${Web.group}` } }, force);
  await api.apply(Namespace, { metadata: { name: 'system' } }, force);
  await api.create(Secret, { metadata: { namespace: 'system', name: 'web-webhook' } });
  await api.create(Secret, { metadata: { namespace: 'default', name: 'shop-env' } });
  for (const kind of [ValidatingWebhookConfiguration, MutatingWebhookConfiguration]) await api.create(kind, { metadata: { name: 'web-operator' } });
  const stop = new AbortController();
  const webhook = { port: 0, host: '127.0.0.1', namespace: 'system', reach: { host: '127.0.0.1' } } as const;
  const ended = runOperator(OPERATOR, { api, clock, log: silentLogger, namespaces: 'all', leaderElection: false, signal: stop.signal, webhook });
  try {
    while ((await api.get(MutatingWebhookConfiguration, { name: 'web-operator' })).webhooks === undefined) await clock.sleep(10);
    const at = { namespace: 'default', name: 'shop' };
    const probe = { metadata: at, spec: { image: 'nginx:1' } } as never;
    // Filled in as soon as the operator has read the Secret.
    while ((await api.create(Web, probe, { dryRun: true })).spec.envFrom === undefined) await clock.sleep(10);
    assert.equal((await api.create(Web, probe)).spec.envFrom, 'shop-env');
    for (const name of ['shop', 'other']) await api.create(ConfigMap, { metadata: { ...at, name } });
    await assert.rejects(api.delete(ConfigMap, at), {
      code: 403,
      message: 'admission webhook "needed.guard.binnacle.dev" denied the request: Web shop needs it',
    });
    await api.delete(ConfigMap, { ...at, name: 'other' });
    await api.patch(Namespace, { name: 'default' }, { type: 'merge', body: { metadata: { labels: { 'binnacle.dev/hooks': 'off' } } } });
    await api.delete(ConfigMap, at);
  } finally {
    stop.abort();
    await ended;
  }
});
