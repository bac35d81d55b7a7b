/**
 * What goes wrong at a call: the process dies `before` it is sent, or `after` it was carried out; or it was carried out and the answer is `lost`, and the
 * process lives on.
 */
export const MOMENTS = ['before', 'after', 'lost'] as const;
export type Moment = (typeof MOMENTS)[number];

/** The door to the Kubernetes API; each write is a call, but for Events and Leases. */
export const API = 'write';

/** Where something goes wrong: at the `call`-th call (0-based) through a door. */
export interface Point {
  readonly door: string;
  readonly call: number;
  readonly moment: Moment;
}

/** The calls of one process that change something, and the one at which something goes wrong. A door of one's own asks it about each call before it is sent. */
export interface Fate {
  /** Names of the calls so far, by door, in order. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** Whether the point was reached. */
  readonly struck: boolean;
  /** Aborted when the process is dead: nothing may go through any door of it any more, and open streams end. */
  readonly dead: AbortSignal;
  /** Counts a call; tells what is to befall it. `before`, `after`: the door calls `die()` then. */
  next(door: string, call: string): Moment | undefined;
  /** It dies of what befell it: a next process is started. */
  die(): void;
  /** As SIGKILL by somebody else. */
  kill(): void;
}

/** The fate of one process. Without a point nothing befalls it; `died` is called when it dies at its point. */
export function fate(point?: Point, died: () => void = () => undefined): Fate {
  const calls: Record<string, string[]> = {};
  const death = new AbortController();
  let struck = false;
  const kill = () => death.abort(new Error('the process died'));
  return {
    calls,
    get struck() {
      return struck;
    },
    dead: death.signal,
    next(door, call) {
      const before = (calls[door] ??= []);
      const here = !struck && point?.door === door && point.call === before.length;
      before.push(call);
      if (!here) return undefined;
      struck = true;
      return point.moment;
    },
    kill,
    die() {
      if (death.signal.aborted) return;
      kill();
      died();
    },
  };
}
