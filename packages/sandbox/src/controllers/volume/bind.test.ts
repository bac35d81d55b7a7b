import type { Live } from '@binnacle/client';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextMove } from './bind.ts';

const stored = (name: string) => ({ name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '' });
const claim = (over: Partial<Live<typeof PersistentVolumeClaim>> = {}): Live<typeof PersistentVolumeClaim> => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { ...stored('data'), namespace: 'ns' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard', resources: { requests: { storage: '2Gi' } } },
  ...over,
});
const volume = (name: string, storage: string, claimRef?: object): Live<typeof PersistentVolume> => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: stored(name),
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard', capacity: { storage }, ...(claimRef === undefined ? {} : { claimRef }) },
});
const storageClass = (volumeBindingMode: string): Live<typeof StorageClass> => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: stored('standard'),
  provisioner: 'any',
  volumeBindingMode,
});
const immediate = storageClass('Immediate');
const mine = { namespace: 'ns', name: 'data', uid: 'uid-data' };

test('a claim takes the smallest free volume that is large enough, before one is made for it', () => {
  const volumes = [volume('small', '1Gi'), volume('large', '10Gi'), volume('fits', '2Gi'), volume('taken', '2Gi', { ...mine, uid: 'another' })];
  const move = nextMove({ claim: claim(), volumes, storageClass: immediate });
  assert.ok(move.do === 'bindVolume');
  assert.equal(move.volume.metadata.name, 'fits');
  assert.equal(nextMove({ claim: claim(), volumes: volumes.slice(0, 1), storageClass: immediate }).do, 'provision');
});

test('with WaitForFirstConsumer a claim waits until a node was chosen', () => {
  const delayed = storageClass('WaitForFirstConsumer');
  const waiting = nextMove({ claim: claim(), volumes: [], storageClass: delayed });
  assert.ok(waiting.do === 'wait');
  assert.equal(waiting.reason, 'WaitForFirstConsumer');
  const metadata = { ...claim().metadata, annotations: { 'volume.kubernetes.io/selected-node': 'n' } };
  assert.equal(nextMove({ claim: claim({ metadata }), volumes: [], storageClass: delayed }).do, 'provision');
});

test('binding goes volume, claim, status, and then the claim may grow', () => {
  const bound = volume('pv', '2Gi', mine);
  assert.equal(nextMove({ claim: claim(), volumes: [bound], storageClass: immediate }).do, 'bindClaim');
  const named = { ...claim().spec, volumeName: 'pv' };
  assert.equal(nextMove({ claim: claim({ spec: named }), volumes: [bound], storageClass: immediate }).do, 'setBound');
  const status = { phase: 'Bound', capacity: { storage: '2Gi' } };
  assert.equal(nextMove({ claim: claim({ spec: named, status }), volumes: [bound], storageClass: immediate }).do, 'nothing');
  const larger = { ...named, resources: { requests: { storage: '3Gi' } } };
  assert.equal(nextMove({ claim: claim({ spec: larger, status }), volumes: [bound], storageClass: immediate }).do, 'grow');
  assert.equal(nextMove({ claim: claim({ spec: named, status }), volumes: [], storageClass: immediate }).do, 'lost');
});

test('a volume that belonged to a claim of the same name is not taken over', () => {
  const former = volume('pv', '2Gi', { ...mine, uid: 'the-one-before' });
  const move = nextMove({ claim: claim({ spec: { ...claim().spec, volumeName: 'pv' } }), volumes: [former], storageClass: immediate });
  assert.equal(move.do, 'nothing');
});
