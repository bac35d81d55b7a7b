import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import { fate, virtualClock, world } from '@binnacle/testing';
import type { Running, Subject, World } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { PAUSE } from '../src/cluster/rollout/step.ts';
import { showScheduling } from '../src/sql/scheduling.ts';
import { AT, login, prod, sized, table } from './cluster-world.ts';
import { onlooker } from './onlooker.ts';
import { statementDoor } from './statement-door.ts';

const TABLETS = 6;
const COPIES = 2;
const HOUR_MS = 3_600_000;
const AS_IT_WAS = { disable_balance: false, disable_colocate_balance: false, disable_tablet_scheduler: false };
const [FIRST, COUNT] = (process.env['SEEDS'] ?? '1+6').split('+').map(Number) as [number, number];

interface Wish {
  readonly fe: number;
  readonly be: number;
  readonly version: string;
  readonly paused: boolean;
  readonly suspended: boolean;
  readonly configured: boolean;
}
const HOME: Wish = { fe: 3, be: 3, version: '2.0.3', paused: false, suspended: false, configured: false };

function specOf({ fe, be, version, suspended, configured }: Wish): Spec {
  const spec = sized(fe, be);
  const policy = { whenScaled: 'Delete', deleteAfterSeconds: 60 } as const;
  const config = configured ? { qe_max_connection: '2048' } : {};
  return {
    ...spec,
    version,
    suspend: suspended,
    fe: { ...spec.fe!, config, persistentVolumeClaimRetentionPolicy: policy },
    be: { ...spec.be!, persistentVolumeClaimRetentionPolicy: policy },
  };
}

/** What somebody does next, drawn by chance. */
type Deed = (wish: Wish) => Wish | 'kill' | 'orphan be' | 'orphan fe';
const DEEDS: Readonly<Record<string, Deed>> = {
  'two back ends': (wish) => ({ ...wish, be: 2 }),
  'three back ends': (wish) => ({ ...wish, be: 3 }),
  'five back ends': (wish) => ({ ...wish, be: 5 }),
  'one front end': (wish) => ({ ...wish, fe: 1 }),
  'three front ends': (wish) => ({ ...wish, fe: 3 }),
  'five front ends': (wish) => ({ ...wish, fe: 5 }),
  'another version': (wish) => ({ ...wish, version: wish.version === '2.0.3' ? '2.0.4' : '2.0.3' }),
  paused: (wish) => ({ ...wish, paused: !wish.paused }),
  configured: (wish) => ({ ...wish, configured: !wish.configured }),
  suspended: (wish) => ({ ...wish, suspended: !wish.suspended }),
  'the operator dies': () => 'kill',
  'the StatefulSet of back ends goes': () => 'orphan be',
  'the StatefulSet of front ends goes': () => 'orphan fe',
};

async function tell(seed: number, log: string[]): Promise<void> {
  const seen = onlooker();
  const door = statementDoor(seen.hears);
  const subject: Subject = { ...seen.subject, create: (parts) => seen.subject.create({ ...parts, network: door(parts.network, fate()) }) };
  const clock = virtualClock({ seed });
  await using w = await world([subject], { seed, clock });
  let running: Running = w.start(subject);
  const s = prod(w);
  const want = async (wish: Wish) => await s.apply(specOf(wish), wish.paused ? { [PAUSE]: 'true' } : {});
  await want(HOME);
  await s.ready();
  await s.sql(...table('t', TABLETS, COPIES));
  await w.clock.advance(30_000);
  using watches = new DisposableStack();
  for (const rule of [seen.quorumKept, seen.everyTabletIsAlive, seen.bornOnce, seen.rightNodes]) watches.use(w.clock.watch(() => rule()));
  let wish = HOME;
  for (let deeds = 0; deeds < 8; deeds++) {
    const names = Object.keys(DEEDS);
    const name = names[Math.floor(clock.random() * names.length)]!;
    const next = DEEDS[name]!(wish);
    log.push(`${name}`);
    if (next === 'kill') {
      running.kill();
      running = w.start(subject);
    } else if (typeof next === 'string') {
      const set = { namespace: AT.namespace, name: `prod-${next.slice(-2)}` };
      if ((await w.find(StatefulSet, set)) !== undefined) await w.api.delete(StatefulSet, set, { propagation: 'Orphan' });
    } else {
      wish = next;
      if (wish.suspended) seen.rests(true);
      await want(wish);
    }
    const wait = clock.random() < 0.5 ? clock.random() * 20_000 : clock.random() * 240_000;
    log.push(`${Math.round(wait / 1000)} s`);
    await w.clock.advance(wait);
  }
  wish = HOME;
  log.push('home');
  await want(wish);
  const { generation } = (await s.cluster()).metadata;
  await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now) && now.status?.observedGeneration === generation, HOUR_MS);
  await w.clock.advance(180_000);
  await isHome(w);
}

async function isHome(w: World): Promise<void> {
  const s = prod(w);
  const backends = await s.backends();
  assert.deepEqual(
    backends.map(({ host, alive, decommissioned }) => [host.split('.')[0]!, alive, decommissioned]).toSorted((a, b) => String(a).localeCompare(String(b))),
    [0, 1, 2].map((ordinal) => [`prod-be-${ordinal}`, true, false]),
  );
  assert.equal(
    backends.reduce((sum, { tablets }) => sum + tablets, 0),
    TABLETS * COPIES,
  );
  assert.equal((await s.frontends()).filter(({ alive }) => alive).length, 3);
  for (const ordinal of [0, 1, 2])
    await login(w, `prod-fe-${ordinal}`, async (fe) => assert.deepEqual(await showScheduling(fe, new AbortController().signal), AS_IT_WAS));
}

test('whatever is asked for in whatever order, no data, vote or setting is lost, and in the end all is as asked', async () => {
  const broken: string[] = [];
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const log: string[] = [];
    await tell(seed, log).catch((error: unknown) =>
      broken.push(
        `seed ${seed}: ${log.join(', ')}: ${error instanceof Error ? error.message.replace(/DorisCluster prod is .*?"conditions":/s, '') : String(error)}`,
      ),
    );
  }
  assert.deepEqual(broken, []);
});
