import assert from 'node:assert/strict';
import { test } from 'node:test';
import { component, story } from './cluster-world.ts';
import { secondLeads } from './last-leads.ts';

const frontEnds = (replicas: number) => ({ version: '2.0.3', fe: component('fe', replicas) });

test('two front ends of which the second leads wait for a person, and become one by way of three', async () => {
  await using s = await story();
  await s.apply(frontEnds(3));
  const { status } = await s.ready();
  await secondLeads(s.w);
  await s.apply(frontEnds(2));
  await s.ready();
  await s.sql('CREATE DATABASE kept');
  await s.apply(frontEnds(1));
  await s.reason('MasterLast');
  const before = s.statements.length;
  await s.w.clock.advance(600_000);
  await s.reason('MasterLast');
  assert.equal(s.statements.length, before, 'nothing is tried');
  assert.match((await s.cluster()).status?.conditions?.find((one) => one.type === 'Ready')?.message ?? '', /ask for 3 front ends first, and for 1/);
  await s.apply(frontEnds(3));
  await s.ready();
  await s.apply(frontEnds(1));
  assert.equal((await s.ready()).status?.clusterId, status?.clusterId);
  assert.deepEqual(
    (await s.frontends()).map((one) => [one.host.split('.')[0], one.role, one.alive, one.master]),
    [['prod-fe-0', 'FOLLOWER', true, true]],
  );
  await assert.rejects(s.sql('CREATE DATABASE kept'), /kept/);
});
