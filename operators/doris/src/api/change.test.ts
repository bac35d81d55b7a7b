import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DorisCluster } from './doris-cluster.ts';
import { changeFaults } from './change.ts';
import type { Spec } from './spec.ts';

const volume = (name: string, change: object = {}) => ({ name, request: '10Gi', storageClassName: 'fast', ...change });
const fe = { baseImage: 'fe', replicas: 1, requests: { storage: '10Gi' } };
const be = { baseImage: 'be', replicas: 3, storage: [volume('hot', { medium: 'SSD' }), volume('cold')] };
const old: Spec = { version: '2.0.3', fe, be };
const after = (change: Partial<Spec>, annotations?: Readonly<Record<string, string>>, before: Spec | undefined = old) =>
  [...changeFaults({ ...old, ...change }, before, annotations)].map(({ field }) => field);

test('an edit that changes none of it is never refused', () => {
  assert.deepEqual(after({}), []);
  assert.deepEqual(after({ fe: { ...fe, replicas: 3, requests: { storage: '20Gi', cpu: '1' } }, version: '2.0.4' }), []);
  assert.deepEqual(after({ be: { ...be, replicas: 1, storage: [volume('hot', { medium: 'SSD', request: '11Gi' }), volume('cold')] } }), []);
});

test('volumes keep their class, their names and their number, and never shrink', () => {
  assert.deepEqual(after({ fe: { ...fe, storageClassName: 'other' } }), ['spec.fe.storageClassName']);
  assert.deepEqual(after({ fe: { ...fe, requests: { storage: '9Gi' } } }), ['spec.fe.requests.storage']);
  assert.deepEqual(after({ fe: { ...fe, requests: { storage: '10240Mi' } } }), [], 'the same in other words');
  assert.deepEqual(after({ be: { ...be, storage: [volume('hot')] } }), ['spec.be.storage']);
  assert.deepEqual(after({ be: { ...be, storage: [volume('hot'), volume('cold', { storageClassName: 'slow' })] } }), ['spec.be.storage[1].storageClassName']);
  assert.deepEqual(after({ be: { ...be, storage: [volume('hot', { request: '1Gi' }), volume('cold')] } }), ['spec.be.storage[0].request']);
  assert.deepEqual(after({ be: { ...be, retainDefaultStorage: true, requests: { storage: '1Gi' } } }), ['spec.be.retainDefaultStorage']);
});

test('the ports by which Doris knows a node stay, others may change', () => {
  assert.deepEqual(after({ fe: { ...fe, config: { edit_log_port: '9011' } } }), ['spec.fe.config[edit_log_port]']);
  assert.deepEqual(after({ be: { ...be, config: { heartbeat_service_port: '9051' } } }), ['spec.be.config[heartbeat_service_port]']);
  assert.deepEqual(after({ fe: { ...fe, config: { edit_log_port: '9010', query_port: '9031' } } }), []);
});

test('a minor version is not left out and none is gone back over, unless it is asked for by name', () => {
  assert.deepEqual(after({ version: '2.1.7' }), []);
  assert.deepEqual(after({ version: '3.0.4' }), ['spec.version']);
  assert.deepEqual(after({ version: '3.0.4' }, { 'al-assad.github.io/allow-version-jump': '3.0.4' }), []);
  assert.deepEqual(after({ version: '3.0.4' }, { 'al-assad.github.io/allow-downgrade': '3.0.4' }), ['spec.version']);
  assert.deepEqual(after({ be: { ...be, version: '1.2.8' } }), ['spec.be.version']);
  assert.deepEqual(after({ be: { ...be, version: '1.2.8' } }, { 'al-assad.github.io/allow-downgrade': '1.2.8' }), []);
  assert.deepEqual(after({ version: 'nightly' }), [], 'nothing to compare');
});

test('a medium that Doris does not know is refused where it is new, and two node ports that are one', () => {
  const odd = { ...be, storage: [volume('hot', { medium: 'NVME' }), volume('cold')] };
  assert.deepEqual(after({ be: odd }), ['spec.be.storage[0].medium']);
  assert.deepEqual(after({ be: odd }, undefined, { ...old, be: odd }), []);
  assert.deepEqual(after({ fe: { ...fe, service: { type: 'NodePort', queryPort: 30_001, httpPort: 30_001 } } }), ['spec.fe.service.httpPort']);
});

test('no component is taken out together with a suspension; all else may be edited during one', () => {
  const check = (spec: Spec, before: Spec) =>
    DorisCluster.check({ metadata: { name: 'prod' }, spec }, { metadata: { name: 'prod' }, spec: before }).map(({ field }) => field);
  const { be: _, ...without } = old;
  assert.deepEqual(check({ ...without, suspend: true }, old), ['spec.be']);
  assert.deepEqual(check({ ...without, suspend: true }, { ...old, suspend: true }), ['spec.be']);
  assert.deepEqual(check(without, { ...old, suspend: true }), ['spec.be'], 'in the edit that resumes it');
  assert.deepEqual(check({ ...old, suspend: true, version: '2.0.4', be: { ...be, replicas: 2 } }, { ...old, suspend: true }), []);
  assert.deepEqual(check(without, old), []);
});

test('a new cluster is not compared with anything', () => {
  assert.deepEqual(DorisCluster.check({ metadata: { name: 'prod' }, spec: old }, undefined), []);
});
