/** What a statement comes back with. */
export type Answer =
  | { readonly type: 'rows'; readonly columns: readonly string[]; readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly type: 'ok' }
  /** MySQL's error number; Doris answers most refusals with 1105. */
  | { readonly type: 'error'; readonly code: number; readonly message: string };

export const ok: Answer = { type: 'ok' };
export const refusal = (message: string, code = 1105): Answer => ({ type: 'error', code, message });
export const rows = (columns: readonly string[], values: readonly (readonly (string | number | boolean | null)[])[]): Answer => ({
  type: 'rows',
  columns,
  rows: values.map((row) => row.map((value) => (value === null ? null : String(value)))),
});
