import type { Clock } from '@binnacle/client';
import { microTimestamp } from '@binnacle/client';
import { bell } from './bell.ts';

/** Lines a container keeps; older ones are forgotten. */
export const LOG_LINES_MOST = 10_000;

interface Line {
  readonly at: number;
  readonly text: string;
}

/** A container's output, from its start to its end. */
export interface LogRing {
  write(text: string): void;
  /** Nothing more will be written: who follows is let go. */
  end(): void;
  read(options: {
    readonly follow: boolean;
    readonly tailLines: number | undefined;
    /** Ms since the epoch. */
    readonly since: number | undefined;
    readonly timestamps: boolean;
    readonly signal: AbortSignal;
  }): AsyncIterable<string>;
}

/** An empty log. A reader that is slower than the writer misses the lines that were forgotten meanwhile. */
export function logRing(clock: Clock): LogRing {
  let lines: Line[] = [];
  /** Number of the first line kept, counted from the start. */
  let first = 0;
  let ended = false;
  const written = bell();
  return {
    write(text) {
      if (ended) return;
      for (const part of text.split('\n')) lines.push({ at: clock.now(), text: part });
      // Cut in lots: cutting at every line would cost a copy each.
      if (lines.length > LOG_LINES_MOST * 1.1) {
        first += lines.length - LOG_LINES_MOST;
        lines = lines.slice(-LOG_LINES_MOST);
      }
      written.ring();
    },
    end() {
      ended = true;
      written.ring();
    },
    async *read({ follow, tailLines, since = 0, timestamps, signal }) {
      let next = first + Math.max(0, lines.length - Math.min(tailLines ?? LOG_LINES_MOST, LOG_LINES_MOST));
      while (!signal.aborted) {
        next = Math.max(next, first);
        while (next < first + lines.length) {
          const line = lines[next - first]!;
          next += 1;
          if (line.at < since) continue;
          yield timestamps ? `${microTimestamp(line.at)} ${line.text}` : line.text;
          if (signal.aborted) return;
          next = Math.max(next, first);
        }
        if (!follow || ended) return;
        await written.next(signal);
      }
    },
  };
}
