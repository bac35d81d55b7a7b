import { isAlreadyExists, isConflict, isNotFound, microTimestamp } from '@binnacle/client';
import type { Api, Clock, Live } from '@binnacle/client';
import { Lease } from '@binnacle/client/kinds';
import type { Logger } from '../log.ts';

/** How long a Lease holds after its last renewal, how long a leader tries to renew, and how often anybody looks; ms. As controller-runtime. */
export const LEASE_MS = 15_000;
export const RENEW_WITHIN_MS = 10_000;
export const LOOK_EVERY_MS = 2_000;

/** Who holds, or wants, which Lease. */
export interface Candidate {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Different for each process. */
  readonly identity: string;
}

/** Held leadership. */
export interface Leadership {
  /** Aborted as soon as the Lease could not be renewed for 10 s, or somebody else has it. */
  readonly lost: AbortSignal;
  /**
   * Returns while nobody else can have the Lease yet: by our own clock, counted from before the last renewal was sent.
   * @throws {DOMException} `AbortError`: it is lost, and `lost` is aborted by now.
   */
  mustHold(): void;
  /** Stops renewing and gives the Lease back if it is still ours, so that the next one need not wait for it to run out. Never rejects. */
  release(): Promise<void>;
}

interface Held {
  readonly lease: Live<typeof Lease>;
  /** Monotonic, from before the request was sent. */
  readonly atMs: number;
}

/** Waits until the Lease is ours, then renews it. Rejects with the signal's reason when aborted before. */
export async function lead(candidate: Candidate, signal: AbortSignal): Promise<Leadership> {
  const { clock, log, name, identity } = candidate;
  const watched: Watched = { version: undefined, sinceMs: 0 };
  for (;;) {
    signal.throwIfAborted();
    try {
      const held = await acquire(candidate, watched, signal);
      if (held !== undefined) {
        log.info({ lease: name, identity }, 'leads');
        return renewing(candidate, held);
      }
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ lease: name, error: message(error) }, 'the Lease cannot be read or written');
    }
    await clock.sleep(LOOK_EVERY_MS * (1 + clock.random() * 0.2), signal);
  }
}

/** What was seen of somebody else's Lease, and since when by our own clock: clocks of two machines are never compared. */
interface Watched {
  version: string | undefined;
  sinceMs: number;
}

async function acquire(candidate: Candidate, watched: Watched, signal: AbortSignal): Promise<Held | undefined> {
  const { api, clock, namespace, name, identity } = candidate;
  const atMs = clock.monotonic();
  const time = microTimestamp(clock.now());
  const spec = { holderIdentity: identity, leaseDurationSeconds: LEASE_MS / 1000, acquireTime: time, renewTime: time };
  try {
    const lease = await api.get(Lease, { namespace, name }, { signal });
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder !== '' && holder !== identity && !ranOut(lease, watched, atMs)) return undefined;
    const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + (holder === identity ? 0 : 1);
    return { lease: await write(api, lease, { ...spec, leaseTransitions }, signal), atMs };
  } catch (error) {
    if (isConflict(error)) return undefined; // somebody was faster
    if (!isNotFound(error)) throw error;
  }
  try {
    const lease = { metadata: { namespace, name }, spec: { ...spec, leaseTransitions: 0 } };
    return { lease: await api.create(Lease, lease, { signal }), atMs };
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}

function ranOut(lease: Live<typeof Lease>, watched: Watched, nowMs: number): boolean {
  const { resourceVersion } = lease.metadata;
  if (watched.version !== resourceVersion) Object.assign(watched, { version: resourceVersion, sinceMs: nowMs });
  return nowMs - watched.sinceMs >= (lease.spec?.leaseDurationSeconds ?? LEASE_MS / 1000) * 1000;
}

/** With the version that was read: a Lease that changed hands meanwhile is not taken back. */
async function write(api: Api, lease: Live<typeof Lease>, spec: NonNullable<Live<typeof Lease>['spec']>, signal?: AbortSignal): Promise<Live<typeof Lease>> {
  const { namespace, name, resourceVersion } = lease.metadata;
  const object = { metadata: { namespace, name, resourceVersion }, spec };
  return await api.replace(Lease, object, signal === undefined ? {} : { signal });
}

function renewing(candidate: Candidate, first: Held): Leadership {
  const { api, clock, log, name } = candidate;
  let held = first;
  const lost = new AbortController();
  const stopping = new AbortController();
  const lose = (why: string): void => {
    if (lost.signal.aborted || stopping.signal.aborted) return;
    log.error({ lease: name, why }, 'leadership is lost');
    lost.abort(new DOMException(`leadership is lost: ${why}`, 'AbortError'));
  };

  async function renew(): Promise<void> {
    while (!stopping.signal.aborted && !lost.signal.aborted) {
      const over = held.atMs + RENEW_WITHIN_MS;
      using _ = clock.timer(Math.max(0, over - clock.monotonic()), () => lose('it could not be renewed in time'));
      const signal = AbortSignal.any([stopping.signal, lost.signal]);
      try {
        await clock.sleep(LOOK_EVERY_MS, signal);
        const atMs = clock.monotonic();
        const { spec } = held.lease;
        held = { lease: await write(api, held.lease, { ...spec, renewTime: microTimestamp(clock.now()) }, signal), atMs };
      } catch (error) {
        if (stopping.signal.aborted || lost.signal.aborted) return;
        if (isNotFound(error)) lose('somebody deleted the Lease');
        else if (isConflict(error)) await reread(signal);
        else log.warn({ lease: name, error: message(error) }, 'the Lease was not renewed, will be tried again');
      }
    }
  }

  /** A conflict is either somebody else, or our own renewal whose answer was lost. */
  async function reread(signal: AbortSignal): Promise<void> {
    try {
      const { namespace } = candidate;
      const lease = await api.get(Lease, { namespace, name }, { signal });
      if (lease.spec?.holderIdentity === candidate.identity) held = { lease, atMs: held.atMs };
      else lose(`${lease.spec?.holderIdentity ?? 'nobody'} holds it`);
    } catch (error) {
      log.debug({ lease: name, error: message(error) }, 'the Lease cannot be read');
    }
  }

  const renewal = renew();
  return {
    lost: lost.signal,
    mustHold() {
      if (clock.monotonic() >= held.atMs + LEASE_MS) lose('it ran out before it was renewed');
      lost.signal.throwIfAborted();
    },
    async release() {
      stopping.abort();
      await renewal;
      if (lost.signal.aborted) return;
      const time = microTimestamp(clock.now());
      using late = deadline(clock, LOOK_EVERY_MS);
      await write(api, held.lease, { ...held.lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time }, late.signal).catch(
        (error: unknown) => log.warn({ lease: name, error: message(error) }, 'the Lease was not released, it runs out by itself'),
      );
    },
  };
}

function deadline(clock: Clock, ms: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const timer = clock.timer(ms, () => controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')));
  return { signal: controller.signal, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
