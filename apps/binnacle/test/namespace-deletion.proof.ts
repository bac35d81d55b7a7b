import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, isReady, systemClock, undiciTransport, until } from '@binnacle/client';
import type { AnyKind, Api } from '@binnacle/client';
import { Namespace, Pod, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { Hazelcast } from '@binnacle/hazelcast';
import { partOf, runOperator, silentLogger } from '@binnacle/runtime';
import type { OperatorPart } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import { install, SYSTEM_NAMESPACE } from '../src/install.ts';
import { entries } from '../src/operators.ts';
import { example } from './examples.ts';

const clock = systemClock();
const log = silentLogger;
const LOOPBACK = '127.0.0.1';

interface Started extends AsyncDisposable {
  readonly api: Api;
  /** Runs one part of both operators; it is stopped by what comes back, or at the end. */
  start(part: OperatorPart): () => Promise<void>;
}

/** A cluster for both operators, with nothing that runs yet. On the wall clock, since webhooks are asked over sockets. */
async function started(): Promise<Started> {
  const all = new AsyncDisposableStack();
  const sandbox = all.use(await startSandbox({ clock, log, images: entries().flatMap(({ images }) => images) }));
  const { url, ca } = await sandbox.listen();
  const as = (token: string) =>
    all.use(connect({ clock, userAgent: 'test', transport: undiciTransport({ server: url, ca, credentials: { type: 'token', token } }, { clock }) }));
  const api = as(sandbox.adminToken);
  const accounts = new Map<string, string>();
  for (const entry of entries()) accounts.set(entry.name, await install(api, entry, entry.createForSandbox({ network: sandbox.network, clock, log })));
  return {
    api,
    start(part) {
      const stop = new AbortController();
      const running = entries().map((entry) => {
        const operator = partOf(entry.createForSandbox({ network: sandbox.network, clock, log }), part);
        const own = as(sandbox.tokenFor({ namespace: SYSTEM_NAMESPACE, name: accounts.get(entry.name)! }));
        const webhook = { port: 0, host: LOOPBACK, namespace: SYSTEM_NAMESPACE, reach: { host: LOOPBACK } };
        const served = part === 'admission-webhook' ? { webhook } : {};
        return runOperator(operator, { api: own, clock, log, namespaces: 'all', leaderElection: false, signal: stop.signal, ...served });
      });
      const end = async () => {
        stop.abort();
        await Promise.all(running);
      };
      all.defer(end);
      return end;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Doris with a finalizer of its own: its volumes are kept for a day after it was deleted, and then go with it. */
function withVolumesToGo(): ReturnType<typeof example> {
  const object = example('doris/basic.yaml');
  const { fe, be, ...rest } = object['spec'] as Readonly<Record<string, object>>;
  const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete' };
  return { ...object, spec: { ...rest, fe: { ...fe, persistentVolumeClaimRetentionPolicy }, be: { ...be, persistentVolumeClaimRetentionPolicy } } };
}

/** A namespace with a cluster of each operator, all ready. */
async function filled(api: Api, namespace: string): Promise<void> {
  await api.create(Namespace, { metadata: { name: namespace } });
  const clusters = [
    [DorisCluster as AnyKind, withVolumesToGo()],
    [Hazelcast as AnyKind, example('hazelcast/basic.yaml')],
  ] as const;
  const become = clusters.map(async ([kind, { metadata, ...object }]) => {
    const at = { ...metadata, namespace };
    await api.create(kind, { ...object, metadata: at });
    const now = await until(api, kind, at, (one) => one !== undefined && isReady(one), AbortSignal.timeout(120_000));
    assert.ok((now?.metadata.finalizers ?? []).length > 0, 'nothing would hold the namespace');
  });
  await Promise.all(become);
}

async function isGone(api: Api, name: string): Promise<void> {
  await until(api, Namespace, { name }, (now) => now === undefined, AbortSignal.timeout(120_000));
  for (const kind of [DorisCluster, Hazelcast]) assert.deepEqual((await api.list(kind as AnyKind, { namespace: name })).items, []);
}

test(
  'a namespace with clusters of both operators goes: guarded, with webhooks that are announced and do not answer, and as soon as operators that were away are back',
  { timeout: 400_000 },
  async () => {
    await using s = await started();
    const { api } = s;
    const stopWebhooks = s.start('admission-webhook');
    const stopControllers = s.start('controller-manager');
    await Promise.all(['guarded', 'unguarded', 'left-alone'].map((name) => filled(api, name)));
    const configurations = entries().map(({ name }) => ({ name: `${name}-operator` }));
    const isAnnounced = ({ webhooks = [] }: { readonly webhooks?: readonly unknown[] } = {}) => webhooks.length > 0;
    for (const one of configurations) await until(api, ValidatingWebhookConfiguration, one, isAnnounced, AbortSignal.timeout(20_000));
    const deleted = (namespace: string) => api.raw({ method: 'DELETE', path: `/apis/apps/v1/namespaces/${namespace}/statefulsets/basic-fe?dryRun=All` });
    await assert.rejects(deleted('guarded'), /doris-stateful-set-deletion\.guard\.binnacle\.dev" denied the request/);
    await api.delete(Namespace, { name: 'guarded' });
    await isGone(api, 'guarded');

    await stopWebhooks();
    for (const one of configurations) assert.ok(isAnnounced(await api.get(ValidatingWebhookConfiguration, one)));
    await deleted('unguarded'); // asked, there is no answer, and so it is let through
    await api.delete(Namespace, { name: 'unguarded' });
    await isGone(api, 'unguarded');

    await stopControllers();
    await api.delete(Namespace, { name: 'left-alone' });
    const noPods = async () => (await api.list(Pod, { namespace: 'left-alone' })).items.length === 0;
    for (const end = clock.monotonic() + 120_000; !(await noPods()); await clock.sleep(50)) assert.ok(clock.monotonic() < end, 'pods stay');
    s.start('controller-manager');
    await isGone(api, 'left-alone');
  },
);
