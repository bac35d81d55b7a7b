import type { Live } from '@binnacle/client';
import type { Job, Pod } from '@binnacle/client/kinds';

/** Label and annotation of a pod of an indexed Job: which of its completions it works at. */
export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** The indexes that are done, in order: those that were written down, and those of pods that have succeeded since. */
export function completed(job: Live<typeof Job>, pods: readonly Live<typeof Pod>[]): readonly number[] {
  const now = pods.filter(({ status }) => status?.phase === 'Succeeded').flatMap((pod) => indexOf(pod) ?? []);
  return [...new Set([...read(job.status?.completedIndexes ?? ''), ...now])].toSorted((a, b) => a - b);
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
