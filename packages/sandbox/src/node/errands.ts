/** Things to do in order and in the background, that must not fail: events about pods. Closing waits for those under way. */
export interface Errands extends AsyncDisposable {
  /** Dropped when too many are waiting: an Event is worth no memory without end. */
  add(task: () => Promise<void>): void;
}

const WAITING_MOST = 1000;

/** An empty list of errands. `failed` hears of a task that threw all the same. */
export function errands(failed: (error: unknown) => void): Errands {
  let waiting = 0;
  let tail: Promise<void> = Promise.resolve();
  return {
    add(task) {
      if (waiting >= WAITING_MOST) return;
      waiting += 1;
      tail = tail
        .then(task)
        .catch(failed)
        .finally(() => {
          waiting -= 1;
        });
    },
    [Symbol.asyncDispose]: () => tail,
  };
}
