import type { OperatorName } from '../operator-names.ts';
import type { Entry } from './entry.ts';

/** One operator and nothing of the others: a process that runs it for months does not hold what it never uses. */
export async function loadEntry(name: OperatorName): Promise<Entry> {
  switch (name) {
    case 'doris':
      return (await import('./doris.ts')).doris;
    case 'hazelcast':
      return (await import('./hazelcast.ts')).hazelcast;
  }
}
