import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileVolumes } from './file-volumes.ts';

test('what a program wrote to a volume is there after the process was killed, and gone after the volume was deleted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-volumes-'));
  try {
    const meta = fileVolumes(folder).open('pv-1');
    meta.set('image/ROLE', 'FOLLOWER').set('image/VERSION', '1');
    meta.delete('image/VERSION');
    const again = fileVolumes(folder);
    assert.deepEqual([...again.open('pv-1')], [['image/ROLE', 'FOLLOWER']]);
    again.drop('pv-1');
    assert.deepEqual([...fileVolumes(folder).open('pv-1')], []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
