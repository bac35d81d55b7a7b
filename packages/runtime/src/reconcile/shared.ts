/** What the steps of one pass use together; disposing of it closes all of it, the last opened first. */
export interface Shared extends AsyncDisposable {
  /** The thing of this key, opened by whoever asks first. An `open` that fails is forgotten. */
  get<T extends AsyncDisposable>(key: object, open: () => Promise<T>): Promise<T>;
}

/** Nothing yet. */
export function sharedThings(): Shared {
  const things = new Map<object, AsyncDisposable>();
  const opened = new AsyncDisposableStack();
  return {
    async get<T extends AsyncDisposable>(key: object, open: () => Promise<T>): Promise<T> {
      const known = things.get(key) as T | undefined; // sound: a key stands for one kind of thing
      if (known !== undefined) return known;
      const thing = opened.use(await open());
      things.set(key, thing);
      return thing;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
