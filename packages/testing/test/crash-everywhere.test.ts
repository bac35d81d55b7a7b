import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { Service } from '@binnacle/client/kinds';
import { controller, done, operator, step } from '@binnacle/runtime';
import { crashAt, crashEverywhere, world } from '@binnacle/testing';
import type { Story, Subject, World } from '@binnacle/testing';
import { Web } from './web-operator.ts';
import { web } from './web.ts';

const REF = { namespace: 'default', name: 'shop' };

const bornAndGone = (subject: Subject): Story => ({
  subject,
  when: {
    async born(w) {
      await w.api.create(Web, { metadata: REF, spec: { image: 'nginx:1', replicas: 1 } });
      await w.until(Web, REF, isReady);
    },
    async gone(w) {
      await w.api.delete(Web, REF);
      await w.until(Service, REF, (now) => now === undefined);
    },
  },
  leaves: [],
});

/** What it wants depends on how often it was started: a memory that a crash takes away. */
function forgetful(): Subject {
  let starts = 0;
  return {
    ...web,
    create() {
      const labels = { start: String(starts++) };
      const service = step('service', Web, { owns: [Service] }, async ({ metadata: { name } }, cx) => {
        await cx.apply(Service, { name, labels, spec: { selector: { app: name }, ports: [{ port: 80 }] } });
        return done;
      });
      return operator({ name: 'web', controllers: [controller(Web, { steps: [service] })] });
    },
  };
}

test('the operator of docs/runtime.md ends the same way wherever it dies, and whichever answer is lost', async (t) => {
  const said: string[] = [];
  const listening = { ...t, diagnostic: (line: string) => said.push(line) } as typeof t;
  const { runs, calls } = await crashEverywhere(listening, () => bornAndGone(web), { every: 4 });
  assert.ok((calls['write'] ?? 0) >= 3, 'Service, Deployment and status');
  const same = Number(/(\d+) points are one of these$/.exec(said[0] ?? '')?.[1]);
  assert.equal(runs, Math.ceil((3 * calls['write']! - same) / 4));
  assert.match(said.join(), new RegExp(`^${runs} of ${runs} runs`));
});

test('a story that ends where it began is told again in the same world, and in a new one when something stayed', async (t) => {
  const grown = (back: number): Story => {
    const scaled = (replicas: number) => async (w: World) => {
      await w.api.patch(Web, REF, { type: 'merge', body: { spec: { replicas } } });
      await w.until(Web, REF, isReady);
    };
    return {
      subject: web,
      async given(w) {
        await w.api.create(Web, { metadata: REF, spec: { image: 'nginx:1', replicas: 1 } });
        await w.until(Web, REF, isReady);
      },
      when: { grown: scaled(2), back: scaled(back) },
      round: true,
    };
  };
  const said: string[] = [];
  const listening = { ...t, diagnostic: (line: string) => said.push(line) } as typeof t;
  for (const back of [1, 3]) await crashEverywhere(listening, () => grown(back), { every: 4 });
  assert.match(said[0] ?? '', /^(\d+) of \1 runs ended as they should, in 1 worlds/);
  assert.match(said[1] ?? '', /^(\d+) of \1 runs/);
  assert.doesNotMatch(said[1] ?? '', / in 1 worlds/);
});

test('an operator that remembers in memory alone is found, and the point at which it forgot is named', async (t) => {
  const quiet = { ...t, diagnostic: () => undefined } as unknown as typeof t;
  await assert.rejects(
    crashEverywhere(quiet, () => bornAndGone(forgetful())),
    /after write 0 \(PATCH .*services\/shop.*\): born: another end: Service default\/shop is .*"start":"2"/,
  );
  await assert.rejects(
    crashAt(() => bornAndGone(forgetful()), { door: 'write', call: 0, moment: 'before' }),
    /another end/,
  );
  await crashAt(() => bornAndGone(forgetful()), { door: 'write', call: 0, moment: 'lost' });
});

test('a rule that is broken for one instant fails the story', async (t) => {
  const quiet = { ...t, diagnostic: () => undefined } as unknown as typeof t;
  const never = async (w: Awaited<ReturnType<typeof world>>) => assert.equal(await w.find(Service, REF), undefined, 'there is a Service');
  await assert.rejects(
    crashEverywhere(quiet, () => ({ ...bornAndGone(web), always: [never] })),
    /there is a Service/,
  );
});
