/** A body that others write to, as long as somebody reads it. */
export interface EventStream {
  /** Bytes for the reader; nothing after the end. A reader that is too far behind loses the stream, not its events: it goes on from the last revision it saw. */
  push(chunk: Uint8Array): void;
  /** Ends the body behind what was pushed. */
  end(): void;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Chunks that wait for one reader, at most. */
const MAX_WAITING = 20_000;
/** Bytes handed over at once: fewer and larger writes for a reader that has fallen behind. */
const BATCH_BYTES = 65_536;

/** `first` is read before anything pushed. `closed` is called once, when nobody will read any more. */
export function eventStream(options: { readonly first: Iterable<Uint8Array>; readonly signal: AbortSignal; readonly closed: () => void }): EventStream {
  let waiting: Uint8Array[] = [];
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

  function batch(): Uint8Array {
    let bytes = 0;
    let count = 0;
    while (count < waiting.length && (count === 0 || bytes + waiting[count]!.byteLength <= BATCH_BYTES)) bytes += waiting[count++]!.byteLength;
    if (count === 1) return waiting.shift()!;
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return Buffer.concat(taken, bytes);
  }

  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of batches(options.first)) {
        if (options.signal.aborted) return;
        yield chunk;
      }
      while (!options.signal.aborted) {
        if (waiting.length > 0) yield batch();
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      close();
    }
  }

  return {
    push(chunk) {
      if (ended) return;
      waiting.push(chunk);
      if (waiting.length > MAX_WAITING) close();
      wake?.();
    },
    end() {
      ended = true;
      wake?.();
    },
    body: body(),
  };
}

function* batches(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    gathered.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < BATCH_BYTES) continue;
    yield Buffer.concat(gathered, bytes);
    gathered = [];
    bytes = 0;
  }
  if (gathered.length > 0) yield Buffer.concat(gathered, bytes);
}
