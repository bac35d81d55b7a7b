import { duplicate } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from '../spec.ts';

const LISTS = ['executorServices', 'durableExecutorServices', 'scheduledExecutorServices', 'localDevices'] as const;

/** Two of one name: members get the last of them, and nobody said that it should win. What was so before may stay. */
export function* repeatedNameFaults(now: Spec, before: Spec | undefined): Iterable<FieldError> {
  for (const list of LISTS) {
    const old = new Set(repeated(before?.[list]).map(({ name }) => name));
    for (const { index, name } of repeated(now[list])) if (!old.has(name)) yield duplicate(`spec.${list}[${index}].name`, name);
  }
}

function repeated(items: readonly { readonly name?: string }[] | undefined): readonly { readonly index: number; readonly name: string }[] {
  const seen = new Set<string>();
  return (items ?? []).flatMap(({ name = '' }, index) => {
    const again = seen.has(name);
    seen.add(name);
    return again ? [{ index, name }] : [];
  });
}
