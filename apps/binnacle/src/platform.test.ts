import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  assert.deepEqual(await asking, { openShift: true, prometheusOperator: false });
});

test('another cluster is none, with one of the groups either', async () => {
  for (const names of [['apps'], ['apps', 'route.openshift.io']]) assert.equal((await told(...names)).openShift, false);
});

test('somebody who reads PodMonitors is told by their group', async () => {
  assert.equal((await told('apps', 'monitoring.coreos.com')).prometheusOperator, true);
});

const told = (...names: readonly string[]) => platformOf({ raw: async () => await Promise.resolve(groups(...names)) }, virtualClock(), silentLogger, never);
