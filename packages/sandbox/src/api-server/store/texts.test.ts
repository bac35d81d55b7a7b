import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../object.ts';
import { texts } from './texts.ts';

const object = (name: string, bytes: number): ApiObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: 'x'.repeat(bytes) } }) as unknown as ApiObject;

test('an event is written once for all who watch, and not kept for as long as its object lives', () => {
  const all = texts();
  const one = object('one', 10);
  let made = 0;
  const line = (of: ApiObject) =>
    all.line('ADDED', of, () => {
      made += 1;
      return Buffer.from(all.json(of));
    });
  assert.equal(line(one), line(one));
  assert.equal(made, 1);
  for (let others = 0; others < 100; others++) line(object('other', 100_000));
  made = 0;
  assert.deepEqual(JSON.parse(Buffer.from(line(one)).toString()), one);
  assert.equal(made, 1, 'ten megabytes later it is made again');
});
