import { isNotFound, microTimestamp } from '@binnacle/client';
import type { Clock, Live, Writer } from '@binnacle/client';
import { EventsEvent } from '@binnacle/client/kinds';
import type { AnyLive } from '../cache/id.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';

/** What happened to an object, for `kubectl describe`. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
  /** What was being done. */
  readonly action: string;
}

/** Writes Events. Never fails and never delays who records; what cannot be written is counted and forgotten. */
export interface EventRecorder {
  record(object: AnyLive, happening: Happening): void;
  /** Resolves when all that was recorded is written or given up. */
  flush(): Promise<void>;
  /** How many are recorded and not yet written or given up. */
  readonly waiting: number;
}

/** A burst of one object's Events of one reason, and after which one more is allowed; as client-go, which counts all reasons as one: what is told often would keep back what is told once. */
const BURST = 25;
const REFILL_MS = 300_000;
/** An Event that repeats within it becomes a count on the first one. */
const SERIES_MS = 360_000;
/** What is remembered at most, the oldest forgotten first: allowances, and Events that may still repeat. */
const REMEMBERED = 4_096;
/** What waits to be written at most. */
const WAITING = 1_000;
const NOTE_BYTES = 1_024;

interface Series {
  readonly namespace: string;
  /** Of the Event that is counted on; absent until it is written. */
  name: string | undefined;
  count: number;
  lastMs: number;
}

/** What a recorder works with. `controller` and `instance` sign each Event. */
export interface RecorderParts {
  readonly api: Writer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly controller: string;
  readonly instance: string;
}

/** A recorder that writes one Event after the other. */
export function eventRecorder(parts: RecorderParts): EventRecorder {
  const { clock, metrics } = parts;
  const allowances = new Map<string, { tokens: number; atMs: number }>();
  const seriesOf = new Map<string, Series>();
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  function allowed(uid: string, reason: string): boolean {
    const now = clock.monotonic();
    const key = `${uid} ${reason}`;
    const allowance = allowances.get(key) ?? { tokens: BURST, atMs: now };
    const refilled = Math.floor((now - allowance.atMs) / REFILL_MS);
    const tokens = Math.min(BURST, allowance.tokens + refilled);
    remember(allowances, key, { tokens: Math.max(0, tokens - 1), atMs: allowance.atMs + refilled * REFILL_MS });
    return tokens > 0;
  }

  return {
    record(object, happening) {
      if (waiting >= WAITING || !allowed(object.metadata.uid, happening.reason)) return metrics.eventDropped();
      const now = clock.now();
      const key = JSON.stringify([object.metadata.uid, happening.type, happening.reason, happening.message, happening.action]);
      const known = seriesOf.get(key);
      const series =
        known !== undefined && now - known.lastMs < SERIES_MS
          ? known
          : { namespace: object.metadata.namespace ?? 'default', name: undefined, count: 0, lastMs: now };
      series.count++;
      series.lastMs = now;
      remember(seriesOf, key, series);
      waiting++;
      last = last.then(async () => {
        await write(parts, object, happening, series);
        waiting--;
      });
    },
    flush: () => last,
    get waiting() {
      return waiting;
    },
  };
}

/** Never rejects: an Event is news, not state. */
async function write(parts: RecorderParts, object: AnyLive, happening: Happening, series: Series): Promise<void> {
  try {
    if (series.name === undefined || !(await counted(parts, series))) await first(parts, object, happening, series);
  } catch (error) {
    parts.metrics.eventDropped();
    parts.log.debug({ error: error instanceof Error ? error.message : String(error), reason: happening.reason }, 'an Event was not written');
  }
}

async function first({ api, clock, controller, instance }: RecorderParts, object: AnyLive, happening: Happening, series: Series): Promise<void> {
  const { name, namespace, uid, resourceVersion } = object.metadata as Live<typeof EventsEvent>['metadata'];
  // Unlike a count of our own this needs no memory to be unique.
  const unique = `${Math.floor(clock.now()).toString(16)}${Math.floor(clock.random() * 0xffffff)
    .toString(16)
    .padStart(6, '0')}`;
  const event = await api.create(EventsEvent, {
    metadata: { name: `${name.slice(0, 230)}.${unique}`, namespace: series.namespace },
    type: happening.type,
    reason: happening.reason,
    note: note(happening.message),
    action: happening.action,
    eventTime: microTimestamp(clock.now()),
    regarding: { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion },
    reportingController: controller,
    reportingInstance: instance.slice(0, 128),
  } as { readonly metadata: { readonly name: string; readonly namespace: string } });
  series.name = event.metadata.name;
}

/** False when the Event has expired meanwhile. */
async function counted({ api, clock }: RecorderParts, series: Series): Promise<boolean> {
  const body = { series: { count: series.count, lastObservedTime: microTimestamp(clock.now()) } };
  try {
    await api.patch(EventsEvent, { namespace: series.namespace, name: series.name! }, { type: 'merge', body });
    return true;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    series.count = 1;
    return false;
  }
}

/** The API refuses notes of more than 1 KiB. */
function note(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= NOTE_BYTES) return message;
  return `${bytes
    .subarray(0, NOTE_BYTES - 6)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`;
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!);
}
