import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Change } from '../store/store.ts';
import { directoryState } from './state.ts';

const change = (name: string, revision: number): Change => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, resourceVersion: String(revision) } };
  return { bucket: 'configmaps', key: name, before: undefined, now: { key: name, object, revision, isNew: true }, removed: false };
};
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'binnacle-state-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
};
const keysIn = (directory: string) => {
  using state = directoryState(directory, 0);
  return state.contents?.objects.map(({ key }) => key);
};

test('a write for which a full disk has no room fails, and all before and after it is there when the cluster starts again', () => {
  using at = folder();
  let room = Infinity;
  const disk = (file: number, bytes: Uint8Array) => {
    if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const taken = writeSync(file, bytes.subarray(0, room));
    room -= taken;
    return taken;
  };
  {
    using state = directoryState(at.path, 0, disk);
    state.journal(change('before', 1));
    room = 20;
    assert.throws(() => state.journal(change('without-room', 2)), {
      name: 'Refusal',
      message: `Internal error occurred: nothing was changed, since it cannot be kept in ${at.path}: ENOSPC: no space left on device, write`,
    });
    room = Infinity;
    state.journal(change('after', 2));
  }
  assert.deepEqual(keysIn(at.path), ['before', 'after']);
});
