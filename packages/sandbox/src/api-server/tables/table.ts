import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { ApiObject } from '../object.ts';
import { builtinTable } from './builtin.ts';
import { customTable } from './custom.ts';

/** One column of what `kubectl get` prints. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority: number;
}

export type Cell = string | number | boolean | null;

/** How objects of a kind become rows. */
export interface TableOf {
  readonly columns: readonly TableColumn[];
  /** Cells in the order of the columns. `nowMs`: what ages are counted from. */
  row(object: ApiObject, nowMs: number): readonly Cell[];
}

export interface TableOptions {
  /** What a row carries of its object. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** Further events of a watch go without the columns. */
  readonly columns: boolean;
}

/** Objects as a `meta.k8s.io/v1 Table`. */
export function tableOf(
  core: Core,
  served: Served,
  objects: readonly ApiObject[],
  options: TableOptions,
  metadata: Readonly<Record<string, unknown>>,
): unknown {
  const table = served.custom === undefined ? builtinTable(served.bucket) : customTable(served.custom);
  const now = core.clock.now();
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.columns ? table.columns : null,
    rows: objects.map((object) => ({ cells: table.row(object, now), object: rowObject(object, options.includeObject) })),
  };
}

function rowObject(object: ApiObject, include: TableOptions['includeObject']): unknown {
  if (include === 'None') return null;
  return include === 'Object' ? object : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** Reads `includeObject` of a query. */
export function tableOptions(query: URLSearchParams): TableOptions {
  const wanted = query.get('includeObject');
  return { includeObject: wanted === 'None' || wanted === 'Object' ? wanted : 'Metadata', columns: true };
}
