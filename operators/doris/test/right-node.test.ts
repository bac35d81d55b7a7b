import assert from 'node:assert/strict';
import { test } from 'node:test';
import { misplaced } from './right-node.ts';

const fe = (ordinal: number) => `prod-fe-${ordinal}.prod-fe-peer.default.svc.cluster.local`;
const be = (ordinal: number) => `prod-be-${ordinal}.prod-be-peer.default.svc.cluster.local`;
const sent = (call: string, host: string, { port = 9030, frontEnds = 3 } = {}) => misplaced({ call, to: { host, port }, leaders: new Set([fe(1)]), frontEnds });
const DROP = `ALTER SYSTEM DROPP BACKEND "${be(2)}:9050"`;

test('what changes the cluster is for the master alone, by its full name', () => {
  assert.equal(sent(DROP, fe(1)), undefined);
  assert.match(sent(DROP, fe(0)) ?? '', /not the master/);
  assert.match(sent(DROP, 'prod-fe.default.svc.cluster.local') ?? '', /any of 3/);
  assert.equal(sent(DROP, 'prod-fe.default.svc.cluster.local', { frontEnds: 1 }), undefined);
  assert.match(sent("ALTER USER 'k8sopr' IDENTIFIED BY PASSWORD '*0'", fe(2)) ?? '', /not the master/);
});

test('what a node has for itself is for that node', () => {
  const set = 'ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")';
  assert.equal(sent(set, fe(0)), undefined);
  assert.match(sent(set, 'prod-fe.default.svc.cluster.local') ?? '', /any of 3/);
  assert.match(sent(set, be(0)) ?? '', /not a front end/);
  assert.equal(sent('POST /api/update_config?a=1', be(0), { port: 8040 }), undefined);
  assert.match(sent('POST /api/update_config?a=1', fe(0), { port: 8040 }) ?? '', /not a back end/);
});

test('whom a statement is about is a node of that kind, by the name and port that Doris knows', () => {
  for (const node of ['prod-be-2:9050', `${be(2)}:9060`, `${fe(2)}:9050`, `${be(2).replace('prod-be-peer', 'other')}:9050`])
    assert.match(sent(`ALTER SYSTEM ADD BACKEND "${node}"`, fe(1)) ?? '', /no BACKEND has this address/);
  assert.equal(sent(`ALTER SYSTEM DROP FOLLOWER "${fe(2)}:9010"`, fe(1)), undefined);
  assert.match(sent(`ALTER SYSTEM DROP FOLLOWER "${be(2)}:9010"`, fe(1)) ?? '', /no FOLLOWER/);
});
