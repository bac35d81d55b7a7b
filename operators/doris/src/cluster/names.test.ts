import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainOf, ordinalOf, podHost } from './names.ts';

const at = { name: 'prod', namespace: 'data' };

test('a host name is ours only as a whole: be-1 is not be-10, nor the same pod of another cluster or namespace', () => {
  assert.equal(ordinalOf(at, 'be', podHost(at, 'be', 10, 'cluster.local')), 10);
  assert.equal(ordinalOf(at, 'be', 'prod-be-1.prod-be-peer.data.svc.example.org'), 1);
  for (const other of [
    'prod-be-1.prod-be-peer.other.svc.cluster.local',
    'prod-be-01.prod-be-peer.data.svc.cluster.local',
    'prod-be-1.prod-fe-peer.data.svc.cluster.local',
    'xprod-be-1.prod-be-peer.data.svc.cluster.local',
    'prod-be-1',
    '10.1.2.3',
  ]) {
    assert.equal(ordinalOf(at, 'be', other), undefined, other);
  }
});

test("the cluster's domain is what a pod of ours told Doris", () => {
  assert.equal(domainOf(at, ['10.0.0.1', 'prod-fe-0.prod-fe-peer.data.svc.corp.example']), 'corp.example');
  assert.equal(domainOf(at, ['10.0.0.1']), 'cluster.local');
});
