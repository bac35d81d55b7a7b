import type { Told } from './story.ts';

/** Stories as a table in Markdown. */
export function table(told: readonly Told[]): string {
  const rows = told.map(({ name, ms, note, error }) => [name, error === undefined ? 'ok' : 'FAILED', `${(ms / 1000).toFixed(1)} s`, note.split('\n')[0]!]);
  const all = [['story', '', 'took', 'figures'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(all[0]!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
