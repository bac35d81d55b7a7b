import type { Live } from '@binnacle/client';
import type { Job, Pod } from '@binnacle/client/kinds';
import { verdictOn } from './failure-policy.ts';

/** Label and annotation of a pod of an indexed Job: which of its completions it works at. */
export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** The indexes that are done, in order: those that were written down, and those of pods that have succeeded since. */
export function completed(job: Live<typeof Job>, pods: readonly Live<typeof Pod>[]): readonly number[] {
  const now = pods.filter(({ status }) => status?.phase === 'Succeeded').flatMap((pod) => indexOf(pod) ?? []);
  return [...new Set([...read(job.status?.completedIndexes ?? ''), ...now])].toSorted((a, b) => a - b);
}

/** Annotation of a pod: how often its index had failed before. Only where a limit is set for each index. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';

/** How often an index has failed, those that the failure policy ignores aside. */
export function failuresOf(job: Live<typeof Job>, pods: readonly Live<typeof Pod>[], index: number): number {
  const own = pods.filter((pod) => indexOf(pod) === index);
  const counts = own.map((pod) => {
    const before = Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0);
    return pod.status?.phase === 'Failed' && verdictOn(job, pod).action !== 'Ignore' ? before + 1 : before;
  });
  return Math.max(0, ...counts);
}

/** The indexes that are given up, in order; none where no limit is set for each index. */
export function failedIndexes(job: Live<typeof Job>, pods: readonly Live<typeof Pod>[]): readonly number[] {
  const limit = job.spec?.backoffLimitPerIndex;
  if (limit === undefined) return [];
  const failed = pods.filter(({ status }) => status?.phase === 'Failed');
  const now = failed.flatMap((pod) => {
    const index = indexOf(pod);
    const over = index !== undefined && (verdictOn(job, pod).action === 'FailIndex' || failuresOf(job, pods, index) > limit);
    return over ? [index] : [];
  });
  return [...new Set([...read(job.status?.failedIndexes ?? ''), ...now])].toSorted((a, b) => a - b);
}

/** The rule of the success policy that is met by the indexes that are done: its number. `undefined`: none. */
export function metRule(job: Live<typeof Job>, done: readonly number[]): number | undefined {
  const met = (job.spec?.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    const wanted = succeededIndexes === undefined ? undefined : read(succeededIndexes);
    const among = wanted === undefined ? done : done.filter((index) => wanted.includes(index));
    return among.length >= (succeededCount ?? wanted?.length ?? Infinity);
  });
  return met === -1 ? undefined : met;
}

/** The index of a pod; `undefined` when it has none. */
export function indexOf({ metadata }: Live<typeof Pod>): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

/** As Kubernetes writes indexes: `0,2-4`, where two in a row are `0,1`. */
export function ranges(indexes: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < indexes.length;) {
    let end = at;
    while (indexes[end + 1] === indexes[end]! + 1) end += 1;
    parts.push(end - at >= 2 ? `${indexes[at]}-${indexes[end]}` : indexes.slice(at, end + 1).join(','));
    at = end + 1;
  }
  return parts.join(',');
}

function read(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    if (part === '') return [];
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, offset) => first! + offset);
  });
}
