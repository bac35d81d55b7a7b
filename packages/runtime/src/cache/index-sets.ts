/** Adds a key to what is found at a place. */
export function index<T>(map: Map<T, Set<string>>, at: T, key: string): void {
  const keys = map.get(at);
  if (keys === undefined) map.set(at, new Set([key]));
  else keys.add(key);
}

/** Takes a key away; a place with none is forgotten. */
export function unindex<T>(map: Map<T, Set<string>>, at: T, key: string): void {
  const keys = map.get(at);
  keys?.delete(key);
  if (keys?.size === 0) map.delete(at);
}
