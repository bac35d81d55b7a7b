/** One measured figure. `goal`: what we want it to be, absent where we only look. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
}

/** Figures as a Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, goal }) => `| ${name} | ${round(value)} ${unit} | ${goal ?? ''} |`);
  return ['| figure | measured | goal |', '|---|---|---|', ...rows, ''].join('\n');
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/** The value below which `share` of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs a task for each item, so many at a time. */
export async function parallel<T>(items: readonly T[], task: (item: T) => Promise<unknown>, atOnce = 16): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = next++; item < items.length; item = next++) await task(items[item]!);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
