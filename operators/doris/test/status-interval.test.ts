import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fate, world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { Pod } from '@binnacle/client/kinds';
import { isReady } from '../src/cluster/report.ts';
import { STATUS_INTERVAL_MS } from '../src/cluster/doris.ts';
import { AT, prod, sized } from './cluster-world.ts';
import { HeartbeatThreads } from './heartbeat-threads.ts';
import { listening } from './statement-door.ts';
import { doris } from './subject.ts';

const HOUR_MS = 3_600_000;

async function started(threads = new HeartbeatThreads()): Promise<{ readonly w: World; readonly sent: string[] }> {
  const sent: string[] = [];
  const door = listening((sql) => sent.push(sql));
  const subject: Subject = {
    ...doris,
    images: threads.images(doris.images),
    create: (parts) => doris.create({ ...parts, network: door(parts.network, fate()) }),
  };
  const w = await world([subject]);
  w.start(subject);
  return { w, sent };
}

test('a back end that dies inside a pod that stays ready is noticed, told, and told again when it is back', async () => {
  const threads = new HeartbeatThreads();
  const { w } = await started(threads);
  await using _ = w;
  const story = prod(w);
  await story.apply(sized(1, 2));
  await story.ready();
  threads.hang(() => true);
  await w.clock.advance(3 * STATUS_INTERVAL_MS);
  const { status } = await story.cluster();
  assert.deepEqual(
    status?.be?.nodes?.map(({ alive }) => alive),
    [false, false],
  );
  assert.match(status?.conditions?.find(({ type }) => type === 'Degraded')?.message ?? '', /prod-be-0 is not alive, prod-be-1 is not alive/);
  assert.ok(isReady(await w.api.get(Pod, { ...AT, name: 'prod-be-0' })), 'Kubernetes has not noticed anything');
  threads.hang(() => false);
  await story.ready();
});

test('a cluster that is well is asked once an interval, each thing once of the master, and nothing is written', async () => {
  const { w, sent } = await started();
  await using _ = w;
  const story = prod(w);
  await story.apply(sized(3, 3));
  const { metadata } = await story.ready();
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  sent.length = 0;
  await w.clock.advance(HOUR_MS);
  const rounds = sent.filter((sql) => sql === 'SHOW BACKENDS').length;
  assert.ok(rounds <= HOUR_MS / (0.9 * STATUS_INTERVAL_MS) && rounds >= HOUR_MS / (1.1 * STATUS_INTERVAL_MS) - 1, `${rounds} rounds in an hour`);
  assert.deepEqual(
    [...new Set(sent)].filter((sql) => !sql.startsWith('SHOW ')),
    [],
  );
  // Who is master is asked of any front end, and once more of the master.
  assert.equal(sent.filter((sql) => sql === 'SHOW FRONTENDS').length, 2 * rounds);
  assert.equal(sent.length, 3 * rounds, sent.slice(0, 12).join('\n'));
  assert.equal((await story.cluster()).metadata.resourceVersion, metadata.resourceVersion);
});

test('while the spec is refused, the status goes on telling of the nodes that are there', async () => {
  const threads = new HeartbeatThreads();
  const { w } = await started(threads);
  await using _ = w;
  const story = prod(w);
  await story.apply(sized(1, 2));
  await story.ready();
  const { be, ...rest } = sized(1, 2);
  await story.apply({ ...rest, be: { ...be!, config: { webserver_port: 'none' } } });
  await story.reason('InvalidSpec');
  threads.hang(() => true);
  await w.clock.advance(3 * STATUS_INTERVAL_MS);
  const { status } = await story.cluster();
  assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'InvalidSpec');
  assert.match(status?.conditions?.find(({ type }) => type === 'Degraded')?.message ?? '', /prod-be-0 is not alive, prod-be-1 is not alive/);
});
