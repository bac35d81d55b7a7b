import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { virtualClock } from '@binnacle/testing';
import { platformOf } from './platform.ts';
import type { Platform } from './platform.ts';

const never = new AbortController().signal;
const groups = (...names: readonly string[]) => ({ groups: names.map((name) => ({ name, versions: [] })) });

test('OpenShift is told by its groups, once the API server answers', async () => {
  const clock = virtualClock();
  const answers: (() => unknown)[] = [
    () => {
      throw new Error('connection refused');
    },
    () => groups('apps', 'route.openshift.io', 'security.openshift.io'),
  ];
  const api = { raw: async () => await Promise.resolve(answers.shift()?.()) };
  let found: Platform | undefined;
  const asking = platformOf(api, clock, silentLogger, never).then((is) => (found = is));
  await clock.until(() => found !== undefined);
  assert.deepEqual(await asking, { openShift: true, prometheusOperator: [] });
});

test('another cluster is none, with one of the groups either', async () => {
  for (const names of [['apps'], ['apps', 'route.openshift.io']]) assert.equal((await told(...names)).openShift, false);
});

test('of Prometheus Operator those kinds are told that are there, and none where only another version is', async () => {
  const asked = (answer: () => unknown) => ({
    raw: async ({ path }: { readonly path: string }) => await Promise.resolve(path === '/apis' ? groups('apps', 'monitoring.coreos.com') : answer()),
  });
  const names = { resources: [{ name: 'podmonitors' }, { name: 'servicemonitors' }, { name: 'servicemonitors/status' }] };
  const some = await platformOf(
    asked(() => names),
    virtualClock(),
    silentLogger,
    never,
  );
  assert.deepEqual(some.prometheusOperator, ['podmonitors', 'servicemonitors']);
  const none = asked(() => {
    throw new ApiError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404, reason: 'NotFound', message: 'not found' } as never);
  });
  assert.deepEqual((await platformOf(none, virtualClock(), silentLogger, never)).prometheusOperator, []);
});

const told = (...names: readonly string[]) => platformOf({ raw: async () => await Promise.resolve(groups(...names)) }, virtualClock(), silentLogger, never);
