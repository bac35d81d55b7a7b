import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes } from './changes.ts';

test('what is added or other is told by its path, entries of lists by their names; defaults and what only others have are not', () => {
  const live = {
    metadata: { annotations: { a: '1', theirs: 'x' } },
    spec: { dnsPolicy: 'ClusterFirst', containers: [{ name: 'sidecar' }, { name: 'fe', image: 'fe:1', terminationMessagePath: '/dev/log', args: ['a'] }] },
  };
  assert.deepEqual(changes(live, live), []);
  assert.deepEqual(changes({ metadata: { annotations: { a: '1' } }, spec: { containers: [{ name: 'fe', image: 'fe:1' }] } }, live), []);
  const wanted = {
    metadata: { annotations: { a: '2' } },
    spec: { containers: [{ name: 'fe', image: 'fe:1', args: ['b'], startupProbe: { tcpSocket: { port: 1 } } }], initContainers: [{ name: 'born-once' }] },
  };
  assert.deepEqual(changes(wanted, live), [
    'metadata.annotations.a',
    'spec.containers[fe].args',
    'spec.containers[fe].startupProbe',
    'spec.initContainers[born-once]',
  ]);
});
