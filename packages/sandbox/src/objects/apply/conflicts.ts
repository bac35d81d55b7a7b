import { Refusal } from '../../refusal.ts';
import { paths } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { printPath } from './path.ts';
import type { Owner } from './managed-fields.ts';

/** Fields of one owner that an apply would change. */
export interface Conflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

/** 409 with one cause per field, in the API server's words (spec/sandbox.md §2.8). */
export function conflictRefusal(conflicts: readonly Conflict[]): Refusal {
  const found = conflicts
    .map(({ owner, fields }) => ({ by: printOwner(owner), fields: [...paths(fields)].map(printPath) }))
    .toSorted((a, b) => (a.by < b.by ? -1 : 1));
  const causes = found.flatMap(({ by, fields }) => fields.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${by}`, field })));
  return new Refusal(409, 'Conflict', message(found, causes.length), { causes });
}

function message(found: readonly { readonly by: string; readonly fields: readonly string[] }[], count: number): string {
  if (count === 1) return `Apply failed with 1 conflict: conflict with ${found[0]?.by}: ${found[0]?.fields[0]}`;
  const lines = found.flatMap(({ by, fields }) => [`conflicts with ${by}:`, ...fields.map((field) => `- ${field}`)]);
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`;
}

function printOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = subresource === undefined ? JSON.stringify(manager) : `${JSON.stringify(manager)} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
