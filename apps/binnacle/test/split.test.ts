import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, connect, systemClock, undiciTransport } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import * as kinds from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { logger, OPERATOR_PARTS, partOf, runOperator, silentLogger } from '@binnacle/runtime';
import type { OperatorPart } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import { parseAllDocuments } from 'yaml';
import { manifests } from '../src/commands/manifests.ts';
import { accountOf, SYSTEM_NAMESPACE } from '../src/install.ts';
import { entries } from '../src/operators.ts';
import { binnacle } from '../src/program.ts';
import { example } from './examples.ts';

const [doris] = entries(['doris']);
const LOOPBACK = '127.0.0.1';

interface Installed {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly { readonly resources: readonly string[]; readonly resourceNames?: readonly string[]; readonly verbs: readonly string[] }[];
}
const printed = (): readonly Installed[] =>
  parseAllDocuments(manifests('install', [doris!], { split: true, image: 'binnacle/operator:test' })).map((one) => one.toJS() as Installed);

test('apart, the webhook may change nothing but its certificates and its announcement, and the controllers not even those', () => {
  const rules = (part: OperatorPart) =>
    printed()
      .filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name.startsWith(accountOf(doris!, part)))
      .flatMap((one) => one.rules ?? []);
  const writes = (part: OperatorPart) =>
    rules(part)
      .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
      .flatMap(({ resources }) => resources);
  assert.deepEqual(new Set(writes('admission-webhook')), new Set(['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'secrets']));
  const ofAll = rules('admission-webhook').filter(({ resourceNames }) => resourceNames === undefined);
  assert.ok(!ofAll.some(({ resources, verbs }) => resources.includes('secrets') && verbs.includes('list')), 'nor read all Secrets');
  assert.ok(writes('controller-manager').includes('statefulsets'));
  assert.ok(!writes('controller-manager').includes('validatingwebhookconfigurations'));
});

test('apart, with rights of their own alone, one refuses what is wrong and the other brings clusters about', { timeout: 60_000 }, async () => {
  const clock = systemClock();
  await using opened = new AsyncDisposableStack();
  const sandbox = opened.use(await startSandbox({ clock, log: silentLogger, images: doris!.images }));
  const { url, ca } = await sandbox.listen({ port: 0 });
  const as = (token: string) =>
    opened.use(connect({ clock, userAgent: 'test', transport: undiciTransport({ server: url, ca, credentials: { type: 'token', token } }, { clock }) }));
  const admin = as(sandbox.adminToken);
  const byKind = new Map(Object.values(kinds as Readonly<Record<string, AnyKind>>).map((kind) => [kind.kind, kind]));
  for (const one of printed().filter(({ kind }) => kind !== 'Deployment')) await admin.apply(byKind.get(one.kind)!, one, { fieldManager: 'test', force: true });

  const said: string[] = [];
  const log = logger({ level: 'warn', destination: { write: (line) => void said.push(line) } });
  const stop = new AbortController();
  const running = OPERATOR_PARTS.map((part) => {
    const api = as(sandbox.tokenFor({ namespace: SYSTEM_NAMESPACE, name: accountOf(doris!, part) }));
    const operator = partOf(doris!.create({ network: sandbox.network, clock, log }), part);
    const webhook = { port: 0, host: LOOPBACK, namespace: SYSTEM_NAMESPACE, reach: { host: LOOPBACK } };
    const served = part === 'admission-webhook' ? { webhook } : {};
    return runOperator(operator, { api, clock, log, namespaces: 'all', leaderElection: false, signal: stop.signal, ...served });
  });
  opened.defer(async () => {
    stop.abort();
    await Promise.all(running);
  });

  const configuration = { name: 'doris-operator' };
  while ((await admin.get(kinds.ValidatingWebhookConfiguration, configuration)).webhooks === undefined) await clock.sleep(20);
  const wrong = { ...example('doris/basic.yaml'), spec: { version: '2.0.3', be: { baseImage: 'be', replicas: 1, requests: { storage: '1Gi' } } } };
  await assert.rejects(admin.create(DorisCluster, wrong), { message: /spec\.fe: Required value/ });
  await admin.create(DorisCluster, example('doris/basic.yaml'));
  const at = { namespace: 'default', name: 'basic' };
  while (conditionOf(await admin.get(DorisCluster, at), 'Progressing') === undefined) await clock.sleep(20);
  assert.deepEqual(
    said.filter((line) => line.includes('orbidden')),
    [],
  );
});

test('a part is not told to do the other one’s work', async () => {
  const run = (...flags: readonly string[]) => binnacle().parseAsync(['node', 'binnacle', 'operator', 'doris', '--kubeconfig', '/nowhere', ...flags]);
  await assert.rejects(run('--only', 'admission-webhook'), /--webhook <name of this machine> is needed/);
  await assert.rejects(run('--only', 'admission-webhook', '--webhook', 'localhost', '--leader-election'), /every replica of the webhook answers/);
  await assert.rejects(run('--only', 'controller-manager', '--webhook', 'localhost'), /--webhook goes with --only admission-webhook/);
});
