import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, until } from '@binnacle/client';
import type { AnyKind, Api } from '@binnacle/client';
import * as kinds from '@binnacle/client/kinds';
import { Secret, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { controller, operator, runOperator, silentLogger, webhookManifests } from '@binnacle/runtime';
import type { Logger } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import { crd } from '@binnacle/schema';
import { virtualClock } from '../src/index.ts';
import { Web } from './web-operator.ts';

const OPERATOR = operator({ name: 'web', controllers: [controller(Web, { steps: [] })] });
const CONFIGURATION = { name: 'web-operator' };
const SECRET = { namespace: 'system', name: 'web-webhook' };
const HOUR_MS = 3_600_000;
/** Takes out whom to trust, and leaves a mark as tools do. */
const wiped = (by: string) =>
  ({
    type: 'json',
    operations: [
      { op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: '' },
      { op: 'add', path: '/metadata/labels', value: { by } },
    ],
  }) as const;

/** A cluster in virtual time, with what an installation brings: the operator's webhook may do what its role says. `verbs`: of an older installation, by what for. */
async function installed(verbs: Readonly<Record<string, readonly string[]>> = {}) {
  const clock = virtualClock();
  await using opened = new AsyncDisposableStack();
  const sandbox = opened.use(await startSandbox({ clock, log: silentLogger, images: [], node: false, seed: 1 }));
  const as = (name: string, groups: readonly string[] = []) =>
    opened.use(connect({ clock, userAgent: name, transport: sandbox.transport({ name, groups: [...groups, 'system:authenticated'] }) }));
  const admin = as('admin', ['system:masters']);
  const byKind = new Map(Object.values(kinds as Readonly<Record<string, AnyKind>>).map((kind) => [kind.kind, kind]));
  const force = { fieldManager: 'install', force: true };
  await admin.apply(kinds.CustomResourceDefinition, { ...crd(Web), metadata: { name: `${Web.plural}.${Web.group}` } }, force);
  await admin.apply(kinds.Namespace, { metadata: { name: 'system' } }, force);
  const rights = { apiGroups: [Web.group], resources: [Web.plural], verbs: ['list', 'watch'] };
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'web' }, rules: [rights] };
  const subjects = [{ kind: 'ServiceAccount', name: 'web', namespace: 'system' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'web' };
  const binding = { apiVersion: role.apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'web' }, roleRef, subjects };
  for (const one of [role, binding, ...webhookManifests(OPERATOR, { namespace: 'system', serviceAccount: 'web' })]) {
    const { rules } = one as { readonly rules?: readonly { readonly resources: readonly string[] }[] };
    const older = rules?.map((rule) => ({ ...rule, ...(verbs[rule.resources[0]!] === undefined ? {} : { verbs: verbs[rule.resources[0]!] }) }));
    await admin.apply(byKind.get(one.kind)!, { ...one, ...(older === undefined ? {} : { rules: older }) }, force);
  }
  const [warnings, log] = warned();
  const stop = new AbortController();
  const webhook = { port: 0, host: '127.0.0.1', namespace: 'system', reach: { service: 'hooks' } } as const;
  const api = as('system:serviceaccount:system:web');
  const running = runOperator(OPERATOR, { api, clock, log, namespaces: 'all', leaderElection: false, signal: stop.signal, webhook });
  opened.defer(async () => {
    stop.abort();
    await running;
  });
  const isWhole = async () => ((await admin.get(ValidatingWebhookConfiguration, CONFIGURATION)).webhooks?.[0]?.clientConfig.caBundle ?? '') !== '';
  await clock.until(isWhole);
  const all = opened.move();
  return {
    clock,
    admin,
    warnings,
    isWhole,
    /** Takes out whom to trust: from then on nothing is asked, and everything let through. */
    wipe: async (by = 'kubectl-edit') => {
      await admin.patch(ValidatingWebhookConfiguration, CONFIGURATION, wiped(by), { fieldManager: by });
      assert.ok(!(await isWhole()));
    },
    async [Symbol.asyncDispose]() {
      let ended = false;
      const closing = all.disposeAsync().finally(() => (ended = true));
      await clock.until(() => ended);
      await closing;
    },
  };
}

interface Warning {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function warned(): readonly [readonly Warning[], Logger] {
  const warnings: Warning[] = [];
  const log: Logger = { ...silentLogger, warn: (fields, message) => void warnings.push({ fields, message }), child: () => log };
  return [warnings, log];
}

test('what somebody takes out of the announcement is back within a second, as often as a person does it', async () => {
  await using s = await installed();
  for (let times = 0; times < 3; times += 1) {
    await s.clock.advance(times === 1 ? 2_000 : HOUR_MS);
    await s.wipe();
    await s.clock.until(s.isWhole, { withinMs: 1_000 });
  }
  await s.admin.patch(ValidatingWebhookConfiguration, CONFIGURATION, { type: 'merge', body: { webhooks: null } });
  await s.clock.until(s.isWhole, { withinMs: 1_000 });
  assert.deepEqual(s.warnings, []);
});

test('what was deleted and is made anew, empty, is filled in within a second', async () => {
  await using s = await installed();
  await s.clock.advance(HOUR_MS);
  for (const [kind, ref] of [
    [ValidatingWebhookConfiguration, CONFIGURATION],
    [Secret, SECRET],
  ] as const) {
    await s.admin.delete(kind as AnyKind, ref);
    await s.clock.advance(1_000);
    assert.match(String(s.warnings.at(-1)?.fields['error']), ref.name === SECRET.name ? /Secret system\/web-webhook, .* is not there/ : /not found/);
    await s.admin.create(kind as AnyKind, { metadata: ref });
    await s.clock.until(async () => (await s.admin.get(Secret, SECRET)).data?.['tls.key'] !== undefined && (await s.isWhole()), { withinMs: 1_000 });
  }
});

test('under the role of an older installation nothing is missed for longer than six hours, and it is said once', async () => {
  await using s = await installed({ validatingwebhookconfigurations: ['get', 'patch'], secrets: ['get', 'update'] });
  for (let times = 0; times < 2; times += 1) {
    await s.clock.advance(HOUR_MS);
    await s.wipe();
    await s.clock.until(s.isWhole, { withinMs: 6 * HOUR_MS + 1_000 });
  }
  assert.deepEqual(
    new Set(s.warnings.map(({ fields, message }) => `${String(fields['name'])} ${message}`)),
    new Set([CONFIGURATION, SECRET].map(({ name }) => `${name} may not be watched: what somebody changes in it is noticed within 6 hours`)),
  );
  assert.equal(s.warnings.length, 2);
});

test('somebody who changes it back each time makes nobody spin: the log names who, ever slower, and afterwards all is as before', async () => {
  await using s = await installed();
  await s.clock.advance(HOUR_MS);
  let times = 0;
  {
    await using _ = other(s.admin, async () => {
      if (!(await s.isWhole())) return;
      times += 1;
      await s.wipe('gitops');
    });
    await s.clock.advance(HOUR_MS);
  }
  assert.ok(times >= 10 && times <= 25, `${times} times in an hour`);
  const [first] = s.warnings;
  assert.match(first!.message, /^webhook announced again: somebody keeps changing its configuration/);
  assert.ok((first!.fields['managers'] as readonly string[]).includes('gitops'));
  assert.equal(s.warnings.at(-1)?.fields['pauseMs'], 300_000);
  await s.clock.until(s.isWhole, { withinMs: 300_000 });
  await s.clock.advance(HOUR_MS);
  await s.wipe();
  await s.clock.until(s.isWhole, { withinMs: 1_000 });
});

/** Calls `changed` at each change of the announcement. */
function other(api: Api, changed: () => Promise<void>): AsyncDisposable {
  const stop = new AbortController();
  let last: string | undefined;
  const run = async (): Promise<void> => {
    for (;;) {
      const now = await until(api, ValidatingWebhookConfiguration, CONFIGURATION, (one) => one?.metadata.resourceVersion !== last, stop.signal);
      last = now?.metadata.resourceVersion;
      await changed();
    }
  };
  const ended = run().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}
