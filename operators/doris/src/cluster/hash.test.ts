import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataHash, valueHash } from './hash.ts';
import { configData } from './objects/config.ts';
import type { Cluster } from './objects/cluster.ts';

const component = { baseImage: 'x', replicas: 1 };
const cluster = (spec: Partial<Cluster['spec']>): Cluster => ({ name: 'c', namespace: 'n', spec: { version: '2.0.3', ...spec } });

// Computed with Go's encoding/json: spec/doris-operator.md §13.
test('a cluster that is taken over keeps its configuration hashes, so that no pod restarts', () => {
  assert.equal(dataHash(configData(cluster({ fe: component }), 'fe')), 'a357a6a469bf40ab8cde30b2e1c74c35');
  assert.equal(dataHash(configData(cluster({ be: component }), 'be')), 'b4c6f7bbe13a9015a93cb2054af4c055');
  assert.equal(dataHash(configData(cluster({ cn: component }), 'cn')), '1645c568fc8077e3297c32baff6fe909');
  const hadoop = cluster({ be: component, hadoopConf: { config: { 'hdfs-site.xml': '<configuration>&</configuration>' } } });
  assert.equal(dataHash(configData(hadoop, 'be')), 'faa8129215929148fbfa2e6a9ed6d376');
});

test('the order of keys does not matter, nor what Go escapes and JavaScript does not', () => {
  assert.equal(dataHash({ b: '1', a: '2' }), dataHash({ a: '2', b: '1' }));
  assert.notEqual(dataHash({ a: '<' }), dataHash({ a: '\\u003c' }));
  assert.notEqual(dataHash({ a: '\b' }), dataHash({ a: '\\b' }));
});

// Of clusters that run: another value would restart their pods.
test('the hash of a template stays what it is, in whatever order its keys come', () => {
  const value = { b: [{ d: 1, c: 'x' }], a: undefined, 10: 'i', 9: 'j', e: null };
  assert.equal(valueHash(value), '74b38b7aacf30d8b03e5d1abfbd3a3cb');
  assert.equal(valueHash({ e: null, 9: 'j', 10: 'i', b: [{ c: 'x', d: 1 }] }), '74b38b7aacf30d8b03e5d1abfbd3a3cb');
});
