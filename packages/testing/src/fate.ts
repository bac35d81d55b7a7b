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

/** A call that a process makes. */
export interface Made {
  /** What is to befall it. `before`, `after`: the door calls `die()` then. */
  readonly moment: Moment | undefined;
  /** It was carried out: the door tells as soon as it hears of it. `answer`: of a question, without what is never the same twice, such as its number. */
  heard(answer?: string): void;
}

/** A call as it is remembered. */
export interface Call {
  readonly name: string;
  /** It changes nothing: whether the process dies before it was sent or after is the same. */
  readonly asks: boolean;
  /** What the world was like when it was made, and when it had been carried out; undefined: nobody heard. */
  readonly before: Times;
  readonly after: Times | undefined;
  readonly answer: string | undefined;
}

/** A moment, so that two of them can be told to be the same: `state` as far as the process has done anything, `instant` with the time. */
interface Times {
  readonly state: string;
  readonly instant: string;
}

/** The calls of one process, and the one at which something goes wrong. A door of one's own asks it about each call before it is sent. */
export interface Fate {
  /** The calls so far, by door, in order. */
  readonly calls: Readonly<Record<string, readonly Call[]>>;
  /** Whether the point was reached. */
  readonly struck: boolean;
  /** Aborted when the process is dead: nothing may go through any door of it any more, and open streams end. */
  readonly dead: AbortSignal;
  /** Counts a call. `asks`: it changes nothing. */
  next(door: string, call: string, asks?: boolean): Made;
  /** It dies of what befell it: a next process is started. */
  die(): void;
  /** As SIGKILL by somebody else. */
  kill(): void;
}

/** What the world is like: where its API server is, and its time. */
export interface Sight {
  readonly revision: number;
  readonly now: number;
}

/** The fate of one process. Without a point nothing befalls it; `died` is called when it dies at its point. */
export function fate(point?: Point, died: () => void = () => undefined, see: () => Sight = () => ({ revision: 0, now: 0 })): Fate {
  const calls: Record<string, Call[]> = {};
  const death = new AbortController();
  let struck = false;
  let [made, carriedOut] = [0, 0];
  const kill = () => death.abort(new Error('the process died'));
  const times = (): Times => {
    const { revision, now } = see();
    const state = `${revision} ${made} ${carriedOut}`;
    return { state, instant: `${state} ${now}` };
  };
  return {
    calls,
    get struck() {
      return struck;
    },
    dead: death.signal,
    next(door, name, asks = false) {
      const all = (calls[door] ??= []);
      const index = all.length;
      const here = !struck && point?.door === door && point.call === index;
      all.push({ name, asks, before: times(), after: undefined, answer: undefined });
      if (!asks) made++;
      struck ||= here;
      return {
        moment: here ? point?.moment : undefined,
        heard(answer) {
          if (!asks) carriedOut++;
          all[index] = { ...all[index]!, after: times(), answer };
        },
      };
    },
    kill,
    die() {
      if (death.signal.aborted) return;
      kill();
      died();
    },
  };
}
