import type { Clock } from '@binnacle/client';

/** Keys that become due later. One timer on the clock for all of them: a timer each costs 42 MB per 100,000 (spec/runtime.md §2). */
export interface Delays extends Disposable {
  /** Due in `ms`. A key is due once: the earlier of two wishes wins. */
  set(key: string, ms: number): void;
  cancel(key: string): void;
  readonly size: number;
}

interface Entry {
  readonly key: string;
  readonly at: number;
}

/** Past this many dead entries the heap is built anew; keeps cancelled delays from piling up. */
const DEAD_ENTRIES = 64;

/** `due` is called once for each key, earliest first, and must not throw. */
export function delays(clock: Clock, due: (key: string) => void): Delays {
  const live = new Map<string, Entry>();
  let heap: Entry[] = [];
  let timer: Disposable | undefined;
  let timerAt = Infinity;

  function arm(): void {
    while (heap[0] !== undefined && live.get(heap[0].key) !== heap[0]) pop(heap);
    const next = heap[0]?.at ?? Infinity;
    if (next === timerAt) return;
    timer?.[Symbol.dispose]();
    timerAt = next;
    timer = next === Infinity ? undefined : clock.timer(Math.max(0, next - clock.monotonic()), fire);
  }

  function fire(): void {
    // A timer may fire a fraction of a ms early: what it was set for is due all the same, else it would be set again and again for nothing.
    const now = Math.max(timerAt, clock.monotonic());
    timer = undefined;
    timerAt = Infinity;
    const ripe: string[] = [];
    while (heap[0] !== undefined && heap[0].at <= now) {
      const entry = pop(heap)!;
      if (live.get(entry.key) !== entry) continue;
      live.delete(entry.key);
      ripe.push(entry.key);
    }
    arm();
    for (const key of ripe) due(key);
  }

  return {
    set(key, ms) {
      const at = clock.monotonic() + ms;
      const present = live.get(key);
      if (present !== undefined && present.at <= at) return;
      const entry = { key, at };
      live.set(key, entry);
      push(heap, entry);
      if (heap.length > live.size * 2 + DEAD_ENTRIES) heap = [...live.values()].toSorted((a, b) => a.at - b.at);
      arm();
    },
    cancel(key) {
      if (live.delete(key)) arm();
    },
    get size() {
      return live.size;
    },
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]();
      timer = undefined;
      timerAt = Infinity;
      live.clear();
      heap = [];
    },
  };
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (heap[parent]!.at <= entry.at) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = index * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
    if (heap[child]!.at >= last.at) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
  return first;
}
