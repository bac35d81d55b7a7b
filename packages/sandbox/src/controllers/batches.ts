/** Does all of it at once, and waits for all, also when some fail. @throws what the first that failed threw. */
export async function together<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const failed = (await Promise.allSettled(items.map(task))).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/**
 * One, then two at once, four, eight …: what all would fail by, such as a quota, stops it after few. Source: pkg/controller/replicaset/replica_set.go, slowStartBatch.
 * @throws what the first that failed threw; of later batches none is begun.
 */
export async function slowStart<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  for (let [from, size] = [0, 1]; from < items.length; [from, size] = [from + size, size * 2]) await together(items.slice(from, from + size), task);
}
