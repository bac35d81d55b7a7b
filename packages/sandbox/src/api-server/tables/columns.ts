import { printed, record } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { ageOf } from './age.ts';
import type { Cell, TableColumn, TableOf } from './table.ts';

/** A column of a built-in kind: how it is headed, and what an object has there. */
export interface BuiltinColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly wide: boolean;
  readonly cell: (object: ApiObject, nowMs: number) => Cell;
}

type CellOf = (object: ApiObject, nowMs: number) => Cell;

export const shown = (name: string, cell: CellOf): BuiltinColumn => ({ name, type: 'string', wide: false, cell });
export const wide = (name: string, cell: CellOf): BuiltinColumn => ({ name, type: 'string', wide: true, cell });
export const count = (name: string, cell: CellOf): BuiltinColumn => ({ name, type: 'integer', wide: false, cell });
export const flag = (name: string, cell: CellOf): BuiltinColumn => ({ name, type: 'boolean', wide: false, cell });

export const NAME = shown('Name', (object) => object.metadata.name ?? '');
export const AGE = shown('Age', (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs));
/** The kinds of old that show when, not how long ago. */
export const CREATED: BuiltinColumn = { name: 'Created At', type: 'date', wide: false, cell: (object) => object.metadata.creationTimestamp ?? null };

/** The table with these columns. */
export function tableWith(columns: readonly BuiltinColumn[]): TableOf {
  const heads: readonly TableColumn[] = columns.map((column) => ({
    name: column.name,
    type: column.type,
    format: column === NAME ? 'name' : '',
    description: '',
    priority: column.wide ? 1 : 0,
  }));
  return { columns: heads, row: (object, nowMs) => columns.map((column) => column.cell(object, nowMs)), plain: columns.includes(CREATED) };
}

/** A field by its path, `undefined` where it is absent. */
export function field(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => record(value)[key], object);
}

/** A field as text; `empty` where it is absent. */
export function word(object: unknown, path: string, empty = ''): string {
  const value = field(object, ...path.split('.'));
  return value === undefined || value === null || value === '' ? empty : printed(value);
}

/** A field as a number; 0 where it is absent. */
export function number(object: unknown, path: string): number {
  return Number(field(object, ...path.split('.')) ?? 0);
}
