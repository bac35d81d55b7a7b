import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node, Pod } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { Subject } from '@binnacle/testing';
import { example } from './examples.ts';
import { doris, hazelcast } from './subjects.ts';

/** Long enough for every status that is told late; ms. */
const SETTLED_MS = 30_000;
const NAMES = ['a', 'b', 'c'];

/** Writes on each cluster itself: a finalizer where there is one, and the status. */
const OWN = { doris: 1, hazelcast: 2 } as const;
const CHILDREN = { doris: 20, hazelcast: 10 } as const;

for (const [subject, file] of [
  [doris, 'doris/basic.yaml'],
  [hazelcast, 'hazelcast/basic.yaml'],
] as readonly (readonly [Subject, string])[])
  test(`${subject.name}: until its pods run a new cluster is one write a child, and one status that tells of its pods`, async () => {
    await using w = await world([subject]);
    for (const { metadata } of (await w.api.list(Node)).items) await w.api.patch(Node, metadata, { type: 'merge', body: { spec: { unschedulable: true } } });
    const { door } = w.start(subject);
    const [kind] = subject.resources;
    const bring = async (names: readonly string[]): Promise<void> => {
      for (const name of names) await w.api.apply(kind!, example(file, name), { fieldManager: 'user', force: true });
      await w.clock.advance(SETTLED_MS);
    };
    await bring(['first']); // with it comes what an operator makes once
    const before = door.writes.length;
    await bring(NAMES);
    const writes = door.writes.slice(before).map((write) => write.replace(/\?.*$/, ''));
    const own = writes.filter((write) => write.includes(`/${kind!.plural}/`));
    const children = writes.filter((write) => !own.includes(write));
    const name = subject.name as keyof typeof OWN; // sound: the two above
    assert.equal(own.length, NAMES.length * OWN[name], own.join('\n'));
    assert.equal(children.length, NAMES.length * CHILDREN[name], children.join('\n'));
    const made = children.filter((write) => write.startsWith('PATCH '));
    assert.deepEqual(made, [...new Set(made)], 'a child was written twice');
    assert.ok((await w.api.list(Pod, { namespace: 'default' })).items.length >= NAMES.length);
    for (const each of NAMES) {
      const found = (await w.find(kind!, { namespace: 'default', name: each })) as { readonly status?: Readonly<Record<string, unknown>> } | undefined;
      if (name === 'hazelcast') assert.equal(found?.status?.['clusterSize'], 3);
      else assert.deepEqual((found?.status?.['fe'] as { readonly members?: unknown } | undefined)?.members, [`${each}-fe-0.default`]);
    }
  });
