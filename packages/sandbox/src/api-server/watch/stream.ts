import type { Events } from '../http/call.ts';
import type { Told } from './lines.ts';

/** A body that others write to, as long as somebody reads it. */
export interface EventStream {
  /** An event for the reader; nothing after the end. A reader that is too far behind loses the stream, not its events: it goes on from the last revision it saw. */
  push(event: Told): void;
  /** Ends the body behind what was pushed. */
  end(): void;
  readonly body: Events;
}

/** Events that wait for one reader, at most. */
const MAX_WAITING = 20_000;
/** Bytes handed over at once: fewer and larger writes for a reader that has fallen behind. */
const BATCH_BYTES = 65_536;

/** `first` is read before anything pushed. `closed` is called once, when nobody will read any more. */
export function eventStream(options: { readonly first: Iterable<Told>; readonly signal: AbortSignal; readonly closed: () => void }): EventStream {
  let waiting: Told[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    ended = true;
    options.signal.removeEventListener('abort', close);
    options.closed();
    wake?.();
  };
  options.signal.addEventListener('abort', close, { once: true });
  if (options.signal.aborted) close();

  /** All that is there, again and again, until the end. */
  async function* events(): AsyncGenerator<Iterable<Told>> {
    try {
      yield options.first;
      while (!options.signal.aborted) {
        if (waiting.length > 0) {
          const taken = waiting;
          waiting = [];
          yield taken;
        } else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      close();
    }
  }

  async function* values(): AsyncGenerator {
    for await (const some of events()) {
      for (const { value } of some) {
        if (options.signal.aborted) return;
        yield value;
      }
    }
  }

  async function* lines(): AsyncGenerator<Uint8Array> {
    for await (const some of events()) {
      for (const batch of batches(some)) {
        if (options.signal.aborted) return;
        yield batch;
      }
    }
  }

  return {
    push(event) {
      if (ended) return;
      waiting.push(event);
      if (waiting.length > MAX_WAITING) close();
      wake?.();
    },
    end() {
      ended = true;
      wake?.();
    },
    // A generator that is never asked does nothing.
    body: Object.assign(lines(), { values: values() }),
  };
}

function* batches(events: Iterable<Told>): Generator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for (const event of events) {
    const line = event.line();
    gathered.push(line);
    bytes += line.byteLength;
    if (bytes < BATCH_BYTES) continue;
    yield Buffer.concat(gathered, bytes);
    gathered = [];
    bytes = 0;
  }
  if (gathered.length > 0) yield gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered, bytes);
}
