import type { Column } from '@binnacle/schema';
import type { CustomVersion } from '../catalog/served.ts';
import { printed } from '../object.ts';
import { ageOf } from './age.ts';
import { jsonPath } from './json-path.ts';
import type { Cell, TableColumn, TableOf } from './table.ts';

const NAME: TableColumn = { name: 'Name', type: 'string', format: 'name', description: 'Name must be unique within a namespace.', priority: 0 };
const AGE: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since the object was created.' };

const tables = new WeakMap<CustomVersion, TableOf>();

/** The table of a custom kind: its name and its CRD's `additionalPrinterColumns`, or its age when there are none. */
export function customTable(version: CustomVersion): TableOf {
  const known = tables.get(version);
  if (known !== undefined) return known;
  const columns = (version.columns ?? [AGE]).map((column) => ({ column, read: jsonPath(column.jsonPath) }));
  const table: TableOf = {
    columns: [
      NAME,
      ...columns.map(({ column }) => ({
        name: column.name,
        type: column.type,
        format: '',
        description: column.description ?? '',
        priority: column.priority ?? 0,
      })),
    ],
    row: (object, nowMs) => [object.metadata.name ?? '', ...columns.map(({ column, read }) => cell(column, read(object), nowMs))],
  };
  tables.set(version, table);
  return table;
}

function cell(column: Column, found: readonly unknown[], nowMs: number): Cell {
  const [first] = found;
  if (first === undefined) return null;
  switch (column.type) {
    case 'date':
      return ageOf(first, nowMs);
    case 'string':
      return found.map((value) => printed(value)).join(',');
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    default:
      return typeof first === 'number' ? first : null;
  }
}
