import { isForbidden, until } from '@binnacle/client';
import type { AnyKind, Clock, Reader, Ref } from '@binnacle/client';
import { RECONNECT } from '../cache/reflector.ts';
import type { Logger } from '../log.ts';
import { fullJitterMs } from '../queue/backoff.ts';
import { told } from '../reconcile/failure.ts';

/** What was followed for so long ends a row of failures; ms. */
const STABLE_MS = 120_000;

/**
 * Calls `changed` whenever an object is another than it was, made and deleted too, until `signal`; once at the beginning. It asks by the object's name, so that a
 * role may allow it for that object alone. A role that does not (an older installation's) is told of once, and asked again every `deniedMs`. Never rejects.
 */
export async function follow(
  parts: { readonly api: Pick<Reader, 'list' | 'watch'>; readonly clock: Clock; readonly log: Logger; readonly deniedMs: number },
  kind: AnyKind,
  ref: Ref,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { api, clock, log, deniedMs } = parts;
  const said = { kind: kind.kind, name: ref.name };
  let seen: { readonly version: string | undefined } | undefined;
  let [failures, isTold] = [0, false];
  while (!signal.aborted) {
    const started = clock.monotonic();
    try {
      const object = await until(api, kind, ref, (now) => seen === undefined || now?.metadata.resourceVersion !== seen.version, signal);
      seen = { version: object?.metadata.resourceVersion };
      failures = 0;
      changed();
    } catch (error) {
      if (signal.aborted) return;
      if (clock.monotonic() - started >= STABLE_MS) failures = 0;
      const waitMs = isForbidden(error) ? deniedMs : fullJitterMs(clock, RECONNECT, ++failures);
      if (!isForbidden(error)) log.debug({ ...said, error: told(error).message }, 'watch broke');
      else if (!isTold) {
        isTold = true;
        log.warn({ ...said, error: told(error).message }, `may not be watched: what somebody changes in it is noticed within ${deniedMs / 3_600_000} hours`);
      }
      await clock.sleep(waitMs, signal).catch(() => undefined); // rejects only when aborted, which the loop sees
    }
  }
}
