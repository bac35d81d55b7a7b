import { z } from 'zod';
import { DorisError } from './error.ts';
import type { Row } from './front-end.ts';

/** `true`, `false`, `Yes`, `No` as Doris writes them; anything else is an error, never a guess. */
export const flag = z.stringbool({ truthy: ['true', 'yes'], falsy: ['false', 'no'] });
/** A count. Not z.coerce: it reads '' and NULL as 0, and a node with 0 tablets may be dropped. */
export const count = z.string().regex(/^\d+$/).transform(Number);

/** One bad row fails the whole answer: a node that is not listed is one that has left, and that must never be a misreading. */
export function parsed<T extends z.ZodType>(row: T, rows: readonly Row[], what: string): readonly z.output<T>[] {
  const result = z.array(row).safeParse(rows);
  if (!result.success) throw new DorisError('unreadable', `${what}: ${z.prettifyError(result.error)}`, { cause: result.error });
  return result.data;
}
