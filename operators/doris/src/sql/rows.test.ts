import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendsFrom } from './backends.ts';
import { brokersFrom } from './brokers.ts';
import { DorisError } from './error.ts';
import { frontendsFrom } from './frontends.ts';
import { hostPort } from './host-port.ts';
import { addBroker, createUser, withoutSecrets } from './statements.ts';

const frontend = {
  Host: 'fe-0.x',
  EditLogPort: '9010',
  QueryPort: '9030',
  Role: 'FOLLOWER',
  IsMaster: 'true',
  ClusterId: '7',
  Alive: 'true',
  Version: 'doris-2.0.3',
};
const backend = {
  Host: 'be-0.x',
  HeartbeatPort: '9050',
  Alive: 'true',
  SystemDecommissioned: 'false',
  TabletNum: '12',
  NodeRole: 'mix',
  Version: 'doris-2.0.3',
};
const unreadable = (error: unknown) => error instanceof DorisError && error.code === 'unreadable';

test('columns go by name: new ones of Doris 4.1 and any order change nothing', () => {
  const [one] = frontendsFrom([{ LiveSince: '2026-01-01', ArrowFlightSqlPort: '-1', ...frontend }]);
  assert.deepEqual({ host: one?.host, master: one?.master, alive: one?.alive }, { host: 'fe-0.x', master: true, alive: true });
  assert.equal(backendsFrom([{ CpuCores: '8', ...backend }])[0]?.tablets, 12);
});

test('a column that is missing or empty fails the whole answer: a node that is not listed counts as gone', () => {
  const { SystemDecommissioned: _, ...without } = backend;
  assert.throws(() => backendsFrom([backend, without]), unreadable);
  assert.throws(() => backendsFrom([{ ...backend, TabletNum: '' }]), unreadable);
  assert.throws(() => backendsFrom([{ ...backend, TabletNum: null }]), unreadable);
  assert.throws(() => backendsFrom([{ ...backend, Alive: 'maybe' }]), unreadable);
  assert.throws(() => frontendsFrom([{ ...frontend, Host: null }]), unreadable);
  assert.throws(() => brokersFrom([{ Name: 'b', Host: 'h', Port: '-1', Alive: 'true' }]), unreadable);
});

test('nothing but hosts, ports and names gets into a statement', () => {
  for (const [host, port] of [
    ['a"b', 1],
    ['', 1],
    ['a', 0],
    ['a', 70_000],
    ['a b', 9050],
    ["a';", 9050],
  ] as const)
    assert.throws(() => hostPort(host, port), unreadable);
  assert.throws(() => addBroker('b; DROP', hostPort('h', 1)), unreadable);
});

test('what stands between quotes is kept out of logs', () => {
  assert.match(withoutSecrets(createUser('k8sopr', 'secret')), /^CREATE USER IF NOT EXISTS '…' IDENTIFIED BY PASSWORD '…'$/);
});
