import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { world } from '@binnacle/testing';
import type { CrashPoint, Running, Subject } from '@binnacle/testing';
import { isReady } from '@binnacle/client';
import { example } from './examples.ts';
import { snapshot } from './snapshot.ts';

interface Life {
  readonly before: Readonly<Record<string, string>>;
  readonly whenReady: Readonly<Record<string, string>>;
  readonly afterDeletion: Readonly<Record<string, string>>;
  readonly writes: number;
  readonly crashed: boolean;
}

/** A CR is created, becomes Ready and is deleted; its operator dies at `crash` and is started again. */
async function live(subject: Subject, file: string, crash?: CrashPoint): Promise<Life> {
  await using w = await world([subject]);
  const before = await snapshot(w, subject.resources);
  let crashed = false;
  const processes: Running[] = [];
  processes.push(
    w.start(subject, {
      ...(crash === undefined ? {} : { crash }),
      died: () => {
        crashed = true;
        processes.push(w.start(subject));
      },
    }),
  );
  const [kind] = subject.resources;
  const object = example(file);
  await w.api.apply(kind!, object, { fieldManager: 'user', force: true });
  await w.until(kind!, object.metadata, (now) => now !== undefined && isReady(now));
  const whenReady = await snapshot(w, subject.resources);
  await w.api.delete(kind!, object.metadata);
  await w.until(kind!, object.metadata, (now) => now === undefined);
  await w.clock.advance(120_000);
  const afterDeletion = await snapshot(w, subject.resources);
  return { before, whenReady, afterDeletion, crashed, writes: processes[0]!.door.writes.length };
}

/**
 * Tells the story once as it should be, then again with the operator dying before and after each of its writes.
 * `survivors`: what outlives the CR on purpose; all else that was not there before it is an orphan.
 */
export async function crashEverywhere(t: TestContext, subject: Subject, file: string, survivors: readonly string[]): Promise<void> {
  const reference = await live(subject, file);
  assert.ok(reference.writes > 0, 'nothing was written: the story did not run');
  assert.deepEqual(
    Object.keys(reference.afterDeletion).filter((key) => !(key in reference.before)),
    survivors,
  );
  let runs = 0;
  for (let write = 0; write < reference.writes; write++) {
    for (const moment of ['before', 'after'] as const) {
      const life = await live(subject, file, { write, moment });
      const where = `died ${moment} write ${write}`;
      assert.ok(life.crashed, `${where}: never came that far`);
      assert.deepEqual(life.whenReady, reference.whenReady, `${where}: another end`);
      assert.deepEqual(life.afterDeletion, reference.afterDeletion, `${where}: something was left behind`);
      runs++;
    }
  }
  t.diagnostic(`${runs} runs, ${reference.writes} writes`);
}
