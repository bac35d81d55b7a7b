import { z } from 'zod';
import type { ExecutorConfig } from '../../protocol/dynamic-config.ts';
import type { Sections } from './member.ts';

/** An executor as it stands in `hazelcast.yaml`. */
export interface Executor {
  /** `section/name` */
  readonly key: string;
  readonly entry: Readonly<Record<string, unknown>>;
  /** The same as a message to members that run. */
  readonly config: ExecutorConfig;
}

/** What the message can say, strictly: an executor with anything else, as in a user's own section, can only be given at start. Defaults are the members'. */
const poolSize = (threads: number) => z.int().min(1).default(threads);
const ENTRIES = {
  'executor-service': z.strictObject({
    'pool-size': poolSize(16),
    'queue-capacity': z.int().min(0).default(0),
    'user-code-namespace': z.string().optional(),
  }),
  'durable-executor-service': z.strictObject({
    'pool-size': poolSize(16),
    durability: z.int().min(0).default(1),
    capacity: z.int().min(0).default(100),
    'user-code-namespace': z.string().optional(),
  }),
  'scheduled-executor-service': z.strictObject({
    'pool-size': poolSize(16),
    durability: z.int().min(0).default(1),
    capacity: z.int().min(0).default(100),
    // The message has no room for the other one.
    'capacity-policy': z.literal('PER_NODE').default('PER_NODE'),
    'user-code-namespace': z.string().optional(),
  }),
} as const;

/** Executors that running members can be given, sorted by key, and the sections without them. */
export function splitExecutors(sections: Sections): { readonly rest: Sections; readonly executors: readonly Executor[] } {
  const executors: Executor[] = [];
  const rest: Record<string, unknown> = { ...sections };
  for (const section of ['executor-service', 'durable-executor-service', 'scheduled-executor-service'] as const) {
    const entries = sections[section];
    if (typeof entries !== 'object' || entries === null) continue;
    const kept: [string, unknown][] = [];
    for (const [name, entry] of Object.entries(entries)) {
      const config = configOf(section, name, entry);
      // Sound: an entry with a configuration is a mapping.
      if (config === undefined) kept.push([name, entry]);
      else executors.push({ key: `${section}/${name}`, entry: entry as Executor['entry'], config });
    }
    if (kept.length > 0) rest[section] = Object.fromEntries(kept);
    else delete rest[section];
  }
  return { rest, executors: executors.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}

function configOf(section: keyof typeof ENTRIES, name: string, entry: unknown): ExecutorConfig | undefined {
  if (section === 'executor-service') {
    const one = ENTRIES[section].safeParse(entry).data;
    if (one === undefined) return undefined;
    return { type: 'executor', name, poolSize: one['pool-size'], queueCapacity: one['queue-capacity'], userCodeNamespace: one['user-code-namespace'] };
  }
  const one = ENTRIES[section].safeParse(entry).data;
  if (one === undefined) return undefined;
  return {
    type: section === 'durable-executor-service' ? 'durable' : 'scheduled',
    name,
    poolSize: one['pool-size'],
    durability: one.durability,
    capacity: one.capacity,
    userCodeNamespace: one['user-code-namespace'],
  };
}
