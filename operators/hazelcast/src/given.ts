/** The fields that are set, as an object: an absent field is a missing key, never `undefined` (server-side apply would own it). */
export function given<T extends object>(fields: T): Given<T> {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  // Sound: only keys of `fields` remain, with the values they had, and those that were `undefined` are gone.
  return Object.fromEntries(kept) as Given<T>;
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
