import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import type { Story, World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { messageDoor } from './message-door.ts';
import { REF, hazelcast, ready, want } from './subject.ts';

/** One certificate serves all clusters of the namespace. */
const LEAVES = ['Secret default/hazelcast-agent-cert'];

const wantedAndReady = (spec: object) => async (w: World) => {
  await want(w, spec);
  await ready(w);
};

/** From one spec to another. */
const change = (from: object, to: object): Story => ({
  subject: hazelcast,
  doors: [messageDoor],
  given: wantedAndReady(from),
  when: { changed: wantedAndReady(to) },
});

test('Hazelcast: a cluster is born and goes the same way wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => ({
    subject: hazelcast,
    doors: [messageDoor],
    when: {
      born: wantedAndReady({}),
      async gone(w) {
        await w.api.delete(Hazelcast, REF);
        await w.until(Hazelcast, REF, (now) => now === undefined);
      },
    },
    leaves: LEAVES,
  }));
});

test('Hazelcast: two members become three and two again wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => ({
    ...change({ clusterSize: 2 }, {}),
    when: { out: wantedAndReady({ clusterSize: 3 }), in: wantedAndReady({ clusterSize: 2 }) },
  }));
});

test('Hazelcast: an edit of the configuration ends in the same restart wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => change({ clusterSize: 2 }, { clusterSize: 2, properties: { 'hazelcast.logging.type': 'log4j2' } }));
});

test('Hazelcast: executors are added to living members once, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => change({ clusterSize: 2 }, { clusterSize: 2, executorServices: [{ name: 'one' }] }));
});
