import assert from 'node:assert/strict';
import { test } from 'node:test';
import { component, story } from './cluster-world.ts';

test('front ends beyond the followers are observers; they leave first, and the followers after them', async () => {
  await using s = await story();
  const fe = (replicas: number, followers: number) => ({ version: '2.0.3', fe: { ...component('fe', replicas), followers } });
  await s.apply(fe(3, 1));
  await s.ready();
  const roles = async () => (await s.frontends()).map((one) => one.role);
  assert.deepEqual(await roles(), ['FOLLOWER', 'OBSERVER', 'OBSERVER']);
  await s.apply(fe(1, 1));
  await s.ready();
  assert.deepEqual(await roles(), ['FOLLOWER']);
  assert.deepEqual(
    s.statements.filter((one) => one.includes('DROP')).map((one) => /DROP (\w+) "(prod-fe-\d)/.exec(one)?.slice(1)),
    [
      ['OBSERVER', 'prod-fe-2'],
      ['OBSERVER', 'prod-fe-1'],
    ],
  );
});
