import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@binnacle/runtime';
import { virtualClock } from '@binnacle/testing';
import { isOpenShift } from './platform.ts';

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
  let found: boolean | undefined;
  const asking = isOpenShift(api, clock, silentLogger, never).then((is) => (found = is));
  await clock.until(() => found !== undefined);
  assert.equal(await asking, true);
});

test('another cluster is none, with one of the groups either', async () => {
  for (const names of [['apps'], ['apps', 'route.openshift.io']])
    assert.equal(await isOpenShift({ raw: async () => await Promise.resolve(groups(...names)) }, virtualClock(), silentLogger, never), false);
});
