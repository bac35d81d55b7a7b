import { REQUEST_FIELDS } from '../protocol/message.ts';
import type { MessageReader } from '../protocol/message.ts';
import { DYNAMIC_TYPES } from '../protocol/dynamic-config.ts';

/** Executors by section, and what each one is. */
export type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const SECTIONS = {
  [DYNAMIC_TYPES.executor]: 'executor-service',
  [DYNAMIC_TYPES.durable]: 'durable-executor-service',
  [DYNAMIC_TYPES.scheduled]: 'scheduled-executor-service',
} as const;

/** The executors of one member: those of its file, and those it is given. */
export interface Executors {
  /** Whether `type` gives an executor. */
  takes(type: number): type is keyof typeof SECTIONS;
  /** False when there is another of that name. */
  add(message: MessageReader): boolean;
  /** As members tell their configuration, in XML. */
  xml(): string;
}

/** A member's executors at its start. */
export function executors(file: Sections): Executors {
  const known = new Map<string, string>();
  for (const [section, entries] of Object.entries(file)) {
    for (const [name, entry] of Object.entries(entries)) known.set(`${section} ${name}`, size(entry));
  }
  return {
    takes: (type): type is keyof typeof SECTIONS => type in SECTIONS,
    add(message) {
      const key = `${SECTIONS[message.type as keyof typeof SECTIONS]} ${message.text() ?? ''}`; // sound: asked only for what `takes` says
      const poolSize = String(message.int(REQUEST_FIELDS));
      if ((known.get(key) ?? poolSize) !== poolSize) return false;
      known.set(key, poolSize);
      return true;
    },
    xml() {
      const all = [...known]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, pool]) => {
          const [section = '', name = ''] = key.split(' ');
          return `<${section} name="${name}"><pool-size>${pool}</pool-size></${section}>`;
        });
      return `<hazelcast>${all.join('')}</hazelcast>`;
    },
  };
}

function size(entry: unknown): string {
  const pool = (entry as { readonly 'pool-size'?: unknown } | null)?.['pool-size'];
  return typeof pool === 'number' ? String(pool) : '16';
}
