import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@binnacle/client/kinds';
import { DorisCluster } from '../src/index.ts';
import { ALLOW_DOWNGRADE } from '../src/cluster/rollout/observe.ts';
import { PAUSE } from '../src/cluster/rollout/step.ts';
import { showFrontends } from '../src/sql/frontends.ts';
import { showScheduling } from '../src/sql/scheduling.ts';
import type { Scheduling } from '../src/sql/scheduling.ts';
import type { Statement } from '../src/sql/statements.ts';
import { AT, component, login, sized, story } from './cluster-world.ts';
import { CutOff } from './cut-off.ts';
import type { Story } from './cluster-world.ts';

const never = new AbortController().signal;
const AS_IT_WAS = { disable_balance: false, disable_colocate_balance: false, disable_tablet_scheduler: false };
const upgraded = (fe: number, be: number) => ({ ...sized(fe, be), version: '2.0.4' });

/** Images of pods by name, and the names of those that are not ready. */
async function pods(s: Story): Promise<ReadonlyMap<string, { readonly image: string; readonly ready: boolean; readonly uid: string }>> {
  const { items } = await s.w.api.list(Pod, { namespace: AT.namespace });
  return new Map(
    items.map((pod) => [
      pod.metadata.name,
      {
        image: pod.spec?.containers[0]?.image ?? '',
        ready: pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true,
        uid: pod.metadata.uid,
      },
    ]),
  );
}

/** Lets time pass until Ready, second by second; returns pods in the order in which they came back as something new. Never are two of them down at once. */
async function watched(s: Story, wanted: number, until: () => Promise<boolean>): Promise<readonly string[]> {
  const order: string[] = [];
  let before = await pods(s);
  for (let seconds = 0; seconds < 1_800; seconds += 1) {
    await s.w.clock.advance(1_000);
    const now = await pods(s);
    const up = [...now.values()].filter((one) => one.ready).length;
    assert.ok(up >= wanted - 1, `${wanted - up} pods are down at once: ${JSON.stringify([...now])}`);
    for (const [name, pod] of now) if (before.get(name)?.image !== pod.image && before.has(name)) order.push(name);
    before = new Map([...before, ...now]);
    if (await until()) return order;
  }
  throw new Error(`not over after 15 minutes: ${JSON.stringify((await s.cluster()).status?.conditions)}`);
}

const isReadyNow = (s: Story) => async () => {
  const { metadata, status } = await s.cluster();
  return status?.observedGeneration === metadata.generation && status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
};

/** No front end has anything switched off. */
async function schedulingIsAsItWas(s: Story, frontEnds: number): Promise<void> {
  for (let ordinal = 0; ordinal < frontEnds; ordinal += 1) {
    await login(s.w, `prod-fe-${ordinal}`, async (fe) => assert.deepEqual(await showScheduling(fe, never), AS_IT_WAS, `prod-fe-${ordinal}`));
  }
}

test('an upgrade goes back ends, front ends, master last, then compute nodes and brokers: one node at a time', async () => {
  await using s = await story();
  const others = { cn: component('cn', 1), broker: component('broker', 1) };
  await s.apply({ ...sized(3, 3), ...others });
  await s.ready();
  assert.ok(!s.statements.some((one) => one.startsWith('ADMIN SET')), 'a first creation is no upgrade');
  await s.apply({ ...upgraded(3, 3), ...others });
  const order = await watched(s, 8, isReadyNow(s));
  assert.deepEqual(order, ['prod-be-2', 'prod-be-1', 'prod-be-0', 'prod-fe-2', 'prod-fe-1', 'prod-fe-0', 'prod-cn-0', 'prod-broker-0']);
  assert.ok((await s.backends()).every((one) => one.version === 'doris-2.0.4'));
  assert.ok((await s.frontends()).every((one) => one.version === 'doris-2.0.4' && one.alive));
  await schedulingIsAsItWas(s, 3);
  const { status } = await s.cluster();
  assert.equal(status?.schedulingBefore, undefined);
  assert.equal(status?.conditions?.find((one) => one.type === 'Upgrading')?.status, 'False');
  // The scheduler was off before the first node went, and until the last front end was back.
  const sets = s.statements.filter((one) => one.startsWith('ADMIN SET FRONTEND CONFIG ("disable_tablet_scheduler"'));
  assert.ok(sets.length >= 4 && sets[0]?.includes('"true"') && sets.at(-1)?.includes('"false"'));
});

test('a restart by annotation goes the same way, and what the DBA had switched off stays off', async () => {
  await using s = await story();
  await s.apply(sized(1, 2));
  await s.ready();
  await s.sql('ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")');
  const { be } = sized(1, 2);
  await s.apply({ ...sized(1, 2), be: { ...be!, annotations: { 'al-assad.github.io/restartedAt': '1' } } });
  const before = await pods(s);
  await watched(s, 3, isReadyNow(s));
  const after = await pods(s);
  for (const name of ['prod-be-0', 'prod-be-1']) assert.notEqual(after.get(name)?.uid, before.get(name)?.uid, `${name} was not restarted`);
  assert.equal(after.get('prod-fe-0')?.uid, before.get('prod-fe-0')?.uid);
  await login(s.w, 'prod-fe-0', async (fe) => assert.deepEqual(await showScheduling(fe, never), { ...AS_IT_WAS, disable_balance: true }));
});

test('paused half-way nothing restarts and data may move; taken back half-way the upgraded node goes back', async () => {
  await using s = await story();
  await s.apply(sized(1, 3));
  await s.ready();
  await s.apply(upgraded(1, 3));
  await s.w.until(Pod, { namespace: AT.namespace, name: 'prod-be-2' }, (pod) => pod?.spec?.containers[0]?.image?.endsWith('2.0.4') === true);
  await s.apply(upgraded(1, 3), { [PAUSE]: 'true' });
  await s.w.until(
    DorisCluster,
    AT,
    (now) =>
      now?.status?.schedulingBefore === undefined && now?.status?.conditions?.some((one) => one.type === 'Upgrading' && one.reason === 'Paused') === true,
  );
  const paused = await pods(s);
  await s.w.clock.advance(120_000);
  for (const [name, pod] of await pods(s)) assert.equal(pod.uid, paused.get(name)?.uid, `${name} was restarted`);
  await schedulingIsAsItWas(s, 1);
  await s.apply(sized(1, 3));
  await watched(s, 4, isReadyNow(s));
  assert.ok([...(await pods(s)).values()].every((pod) => pod.image.endsWith('2.0.3')));
  await schedulingIsAsItWas(s, 1);
});

test('a version that never starts takes one node down and no more, says so, and taking it back heals', async () => {
  await using s = await story();
  await s.apply(sized(3, 3));
  await s.ready();
  for (const name of ['be', 'fe'] as const) {
    await s.apply({ ...sized(3, 3), [name]: { ...sized(3, 3)[name]!, baseImage: 'ghcr.io/linsoss/no-such-image' } });
    await s.w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'Stuck' && one.status === 'True') === true);
    await s.w.clock.advance(120_000);
    const down = [...(await pods(s))].filter(([, pod]) => !pod.ready).map(([pod]) => pod);
    assert.deepEqual(down, [`prod-${name}-2`]);
    await s.apply(sized(3, 3));
    await s.ready();
    await schedulingIsAsItWas(s, 3);
  }
});

test('a cluster made with an image that does not exist comes up when the image is put right; so does its only front end later', async () => {
  await using s = await story();
  const wrong = (name: 'fe' | 'be') => ({ ...sized(1, 2), [name]: { ...sized(1, 2)[name]!, baseImage: 'ghcr.io/linsoss/no-such-image' } });
  for (const name of ['fe', 'be', 'fe'] as const) {
    await s.apply(wrong(name));
    await s.w.clock.advance(60_000);
    await s.apply(sized(1, 2));
    await s.ready();
  }
  assert.ok((await s.backends()).every((one) => one.alive));
});

test('an older minor version is refused, and done when asked for by name', async () => {
  await using s = await story();
  await s.apply({ ...sized(1, 1), version: '2.1.7' });
  await s.ready();
  await s.apply(sized(1, 1));
  await s.reason('DowngradeRefused');
  await s.w.clock.advance(120_000);
  assert.ok([...(await pods(s)).values()].every((pod) => pod.image.endsWith('2.1.7')));
  await s.apply(sized(1, 1), { [ALLOW_DOWNGRADE]: '2.0.3' });
  await s.ready();
  assert.ok([...(await pods(s)).values()].every((pod) => pod.image.endsWith('2.0.3')));
});

test('the master changes in the middle of an upgrade: the new one has scheduling off too, and in the end nobody has', async () => {
  await using s = await story();
  await s.apply(sized(3, 3));
  await s.ready();
  await s.apply(upgraded(3, 3));
  await s.w.until(Pod, { namespace: AT.namespace, name: 'prod-be-1' }, (pod) => pod?.spec?.containers[0]?.image?.endsWith('2.0.4') === true);
  const master = (await s.frontends()).find((one) => one.master)!.host.split('.')[0]!;
  await s.w.api.delete(Pod, { namespace: AT.namespace, name: master });
  await s.ready();
  await schedulingIsAsItWas(s, 3);
  assert.ok((await s.frontends()).every((one) => one.version === 'doris-2.0.4' && one.alive));
});

test('the statement that a DBA sends to one front end stays there', async () => {
  await using s = await story();
  await s.apply({ version: '2.0.3', fe: component('fe', 3) });
  await s.ready();
  await login(s.w, 'prod-fe-2', async (fe) => void (await fe.query('ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")' as Statement, never)));
  await login(s.w, 'prod-fe-1', async (fe) => assert.equal((await showScheduling(fe, never)).disable_balance, false));
});

test('a front end that was cut off when scheduling was restored is told when it answers again: it may lead one day', async () => {
  const cut = new CutOff();
  await using s = await story({ images: (images) => cut.images(images) });
  await s.apply(sized(3, 2));
  await s.ready();
  const leads = (await s.frontends()).find((one) => one.master)!.host.split('.')[0]!;
  const follower = ['prod-fe-0', 'prod-fe-1', 'prod-fe-2'].find((pod) => pod !== leads)!;
  const scheduling = async (pod: string) => {
    let found: Scheduling | undefined;
    await login(s.w, pod, async (fe) => void (found = await showScheduling(fe, never)));
    return found;
  };
  await s.apply(upgraded(3, 2));
  await s.w.until(DorisCluster, AT, (now) => now?.status?.schedulingBefore !== undefined);
  await s.w.clock.until(async () => (await scheduling(leads))?.disable_tablet_scheduler === true);
  cut.only((pod) => pod === follower);
  const isAlive = async () => {
    let alive: boolean | undefined;
    await login(s.w, leads, async (fe) => void (alive = (await showFrontends(fe, never)).find((one) => one.host.startsWith(`${follower}.`))?.alive));
    return alive;
  };
  await s.w.clock.until(async () => (await isAlive()) === false);
  await s.apply(upgraded(3, 2), { [PAUSE]: 'true' });
  await s.w.clock.until(async () => (await scheduling(leads))?.disable_tablet_scheduler === false, { withinMs: 120_000 });
  await s.w.clock.advance(60_000);
  cut.only(() => false);
  await s.w.clock.until(async () => (await isAlive()) === true);
  await s.w.clock.advance(60_000);
  await schedulingIsAsItWas(s, 3);
  assert.equal((await s.cluster()).status?.schedulingBefore, undefined);
});

test('nodes that are asked for and called off while pods restart are taken away first: one that never starts holds nothing up', async () => {
  const never = (pod: string) => pod === 'prod-be-3' || pod === 'prod-fe-3';
  await using s = await story({
    images: (images) =>
      images.map((image) => ({
        ...image,
        async program(container) {
          if (!never(container.pod.metadata.name)) return await image.program(container);
          await new Promise((resolve) => container.signal.addEventListener('abort', resolve, { once: true }));
          return 1;
        },
      })),
  });
  await s.apply(sized(3, 3));
  await s.ready();
  const there = (pod: string) => s.w.until(Pod, { ...AT, name: pod }, (now) => now !== undefined);
  await s.apply(upgraded(3, 3));
  await s.w.until(DorisCluster, AT, (now) => now?.status?.schedulingBefore !== undefined);
  await s.apply(upgraded(5, 4));
  await there('prod-be-3');
  await there('prod-fe-3');
  await s.w.clock.advance(60_000);
  await s.apply(upgraded(3, 3));
  await s.ready();
  await schedulingIsAsItWas(s, 3);
  assert.ok((await s.backends()).every((one) => one.version === 'doris-2.0.4'));
});
