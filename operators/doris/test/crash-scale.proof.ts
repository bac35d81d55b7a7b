import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import type { Story, World } from '@binnacle/testing';
import type { Spec } from '../src/api/spec.ts';
import { component, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import type { Told } from './crash-story.ts';
import { lastLeads } from './last-leads.ts';
import { nodeIn } from './onlooker.ts';

const frontEnds = (replicas: number, followers = replicas): Spec => ({ version: '2.0.3', fe: { ...component('fe', replicas), followers } });
const TABLETS = 8;
const COPIES = 2;

/** `stays`: pods whose nodes are never sent away; `told`: hears each statement before it is sent; `more`: what a story has of its own. */
interface Scaled {
  readonly stays: readonly string[];
  readonly told?: (sql: string) => unknown;
  readonly more?: Partial<Told>;
}

/** From one number to another. */
function scaled(from: Spec, to: Spec, { stays, told, more = {} }: Scaled): Story {
  const statements: string[] = [];
  return crashStory({
    told: (sql) => {
      statements.push(sql);
      told?.(sql);
    },
    async given(w) {
      await prod(w).apply(from);
      await prod(w).ready();
    },
    when: {
      async scaled(w) {
        await prod(w).apply(to);
        await prod(w).ready();
      },
    },
    ...more,
    async finally(w) {
      for (const sql of statements.filter((one) => /\b(DROPP?|DECOMMISSION)\b/.test(one)))
        assert.ok(!stays.includes(nodeIn(sql) ?? ''), `a node that stays was sent away: ${sql}`);
      await more.finally?.(w);
    },
  });
}

const roles = async (w: World) => (await prod(w).frontends()).map((one) => [one.host.split('.')[0], one.role, one.alive]);

test('Doris: one front end becomes three wherever the operator dies, and no vote is missing that was there', async (t) => {
  await crashEverywhere(t, () =>
    scaled(frontEnds(1), frontEnds(3), {
      stays: ['prod-fe-0', 'prod-fe-1', 'prod-fe-2'],
      more: {
        async finally(w) {
          assert.deepEqual(
            await roles(w),
            [0, 1, 2].map((ordinal) => [`prod-fe-${ordinal}`, 'FOLLOWER', true]),
          );
        },
      },
    }),
  );
});

test('Doris: observers leave wherever the operator dies, and the one vote stays', async (t) => {
  await crashEverywhere(t, () =>
    scaled(frontEnds(3, 1), frontEnds(1, 1), {
      stays: ['prod-fe-0'],
      more: {
        async finally(w) {
          assert.deepEqual(await roles(w), [['prod-fe-0', 'FOLLOWER', true]]);
        },
      },
    }),
  );
});

test('Doris: three front ends become one wherever the operator dies, though the last of them leads', async (t) => {
  const ran = await crashEverywhere(t, () => {
    const statements: string[] = [];
    const story = scaled(frontEnds(3), frontEnds(1), { stays: ['prod-fe-0'], told: (sql) => statements.push(sql) });
    return {
      ...story,
      async given(w) {
        await story.given!(w);
        await lastLeads(w);
      },
      async finally(w) {
        await story.finally!(w);
        assert.deepEqual(await roles(w), [['prod-fe-0', 'FOLLOWER', true]]);
        assert.deepEqual([...new Set(statements.filter((one) => one.includes('DROP')).map(nodeIn))], ['prod-fe-2', 'prod-fe-1']);
      },
    };
  });
  assert.ok((ran.calls['statement'] ?? 0) >= 2);
});

test('Doris: a front end that is asked back the moment it leaves is back wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => {
    let askBack: () => void = () => undefined;
    return scaled(frontEnds(3), frontEnds(3), {
      stays: ['prod-fe-0', 'prod-fe-1'],
      told: (sql) => sql.includes('DROP FOLLOWER') && askBack(),
      more: {
        when: {
          async askedBack(w) {
            const { promise, resolve, reject } = Promise.withResolvers<void>();
            // Beside the statement: to wait for its outcome would let the operator do all the rest of it as well.
            askBack = () => void prod(w).apply(frontEnds(3)).then(resolve, reject);
            await prod(w).apply(frontEnds(2));
            await prod(w).passing(promise);
            await prod(w).ready();
          },
        },
        async finally(w) {
          assert.deepEqual(
            await roles(w),
            [0, 1, 2].map((ordinal) => [`prod-fe-${ordinal}`, 'FOLLOWER', true]),
          );
        },
      },
    });
  });
});

test('Doris: back ends asked back half-way stay, and with them every copy, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () => {
    const statements: string[] = [];
    const story = scaled(sized(1, 3), sized(1, 3), { stays: ['prod-be-0', 'prod-be-1'], told: (sql) => statements.push(sql) });
    return {
      ...story,
      async given(w) {
        await story.given!(w);
        await prod(w).sql(...table('t', TABLETS, COPIES));
      },
      when: {
        async askedBack(w) {
          await prod(w).apply(sized(1, 2));
          await prod(w).reason('MovingTablets');
          await prod(w).apply(sized(1, 3));
          await prod(w).ready();
        },
      },
      async finally(w) {
        await story.finally!(w);
        const backends = await prod(w).backends();
        assert.deepEqual(
          backends.map((one) => [one.host.split('.')[0], one.alive, one.decommissioned]),
          [0, 1, 2].map((ordinal) => [`prod-be-${ordinal}`, true, false]),
        );
        assert.equal(
          backends.reduce((sum, one) => sum + one.tablets, 0),
          TABLETS * COPIES,
          'copies were lost',
        );
        assert.ok(!statements.some((one) => /DROPP?/.test(one)), 'a node that was asked back in time was dropped');
        // Left to go on, Doris would drop it once it is empty, and it would come back without its data.
        assert.ok(
          statements.some((one) => one.includes('CANCEL DECOMMISSION')),
          'nobody called off what was begun',
        );
      },
    };
  });
  assert.ok((ran.calls['statement'] ?? 0) >= 2, 'nothing was decommissioned and cancelled');
});
