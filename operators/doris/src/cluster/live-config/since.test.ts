import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dataHash } from '../hash.ts';
import { nativeConf } from '../conf.ts';
import { changes, linesOf, sinceText, written } from './since.ts';
import type { Since } from './since.ts';

const config = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'JAVA_OPTS'), fc.constantFrom('1', '2', 'x=y'));
const files = (of: Readonly<Record<string, string>>, hdfs = '<configuration/>') => ({ 'be.conf': nativeConf(of), 'hdfs-site.xml': hdfs });

test('after any number of edits it is known which lines pods may have got otherwise, and what they started with', () =>
  fc.assert(
    fc.property(fc.array(config, { minLength: 2, maxLength: 6 }), ([first, ...edits]) => {
      const start = files(first!);
      let map = { metadata: {}, data: start } as Parameters<typeof written>[0];
      const touched = new Set<string>();
      for (const edit of edits) {
        const since = changes('be', written(map), dataHash(start), files(edit));
        assert.notEqual(since, 'restart');
        const [before, after] = [linesOf(start['be.conf']), linesOf(nativeConf(edit))];
        for (const key of [...before.keys(), ...after.keys()]) if (before.get(key) !== after.get(key)) touched.add(key);
        assert.deepEqual(new Set(Object.keys((since as Since | undefined)?.keys ?? {})), touched);
        map = {
          metadata: { annotations: since === undefined ? {} : { 'al-assad.github.io/changed-since-start': sinceText(since as Since) } },
          data: files(edit),
        };
      }
    }),
  ));

test('another file, or a start that nobody knows any more, is a restart; pods that started with what is wanted need none', () => {
  const start = files({ a: '1' });
  const now = written({ metadata: {}, data: start });
  assert.equal(changes('be', now, dataHash(start), files({ a: '2' }, 'another')), 'restart');
  assert.equal(changes('be', now, dataHash(files({ a: '9' })), files({ a: '2' })), 'restart');
  assert.equal(changes('be', undefined, dataHash(start), files({ a: '2' })), 'restart');
  assert.equal(changes('be', undefined, dataHash(start), start), undefined);
  assert.equal(changes('be', now, undefined, files({ a: '2' })), undefined);
  const forged = written({ metadata: { annotations: { 'al-assad.github.io/changed-since-start': '{"file":"a=7","keys":{}}' } }, data: files({ a: '3' }) });
  assert.equal(changes('be', forged, dataHash(start), files({ a: '2' })), 'restart');
});
