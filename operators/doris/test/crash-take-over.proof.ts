import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import { AT, prod, sized } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import { existingCluster, joined } from './existing-operator.ts';

/** What kubectl writes on a DorisCluster the existing operator copies into pods. */
const THEIRS = 'kubectl.kubernetes.io/last-applied-configuration';

async function asTakenOver(w: World): Promise<void> {
  for (const name of ['fe', 'be']) {
    const { metadata } = (await prod(w).set(name)).spec!.template;
    assert.equal(metadata?.annotations?.[THEIRS], undefined, `${name}: what the operator before wrote into pods is to go with their one restart`);
  }
}

/** The template changes once, with all that is to change: else pods would have to restart a second time for the rest, or keep it. */
test('Doris: a cluster of the existing operator is taken over the same way wherever the operator dies', async (t) => {
  await crashEverywhere(t, () =>
    crashStory({
      async found(w) {
        await existingCluster(w, sized(1, 2));
        await joined(w);
      },
      when: {
        async takenOver(w) {
          await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now));
          await asTakenOver(w);
        },
      },
      finally: asTakenOver,
    }),
  );
});
