import { systemClock } from '@binnacle/client';

const EVERY_MS = 40;
/**
 * Generous: a real control plane on a busy machine may take its time, and whoever waits in vain fails anyway. The garbage collector of 1.30 stands still while definitions come and go, half a
 * minute for each look at which one was just gone (pkg/controller/garbagecollector/garbagecollector.go, `Sync`).
 */
export const WITHIN_MS = 480_000;

/**
 * Asks again and again until the answer is neither `undefined` nor `false`, and returns it. An answer that throws counts as not yet.
 * @throws {Error} after `withinMs`, naming `what` and what went wrong last.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs: number = WITHIN_MS,
  everyMs: number = EVERY_MS,
): Promise<T> {
  const clock = systemClock();
  const end = clock.monotonic() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (clock.monotonic() > end)
      throw new Error(`${what}: not within ${withinMs} ms; last: ${last instanceof Error ? last.message : String(last)}`, { cause: last });
    await clock.sleep(everyMs);
  }
}
