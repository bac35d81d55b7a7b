import { write } from './message.ts';
import type { Body, Fixed } from './message.ts';

/** Types of the requests that give running members a configuration. Source: spec/hazelcast-data-wan-jet.md §9.3. */
export const DYNAMIC_TYPES = { executor: 0x1b0800, durable: 0x1b0900, scheduled: 0x1b0a00 } as const;

/** An executor that members can be given while they run. Capacity of a scheduled one is per node: the message says nothing else. */
export type ExecutorConfig = {
  readonly name: string;
  readonly poolSize: number;
  readonly userCodeNamespace: string | undefined;
} & (
  | { readonly type: 'executor'; readonly queueCapacity: number }
  | { readonly type: 'durable' | 'scheduled'; readonly durability: number; readonly capacity: number }
);

/** Members' own value where the YAML says nothing. */
const MERGE_BATCH = 100;
const MERGE_POLICY = 'PutIfAbsentMergePolicy';

/** Gives the whole cluster an executor. One that is there already and the same is no error; one that differs is refused. */
export function addExecutor(config: ExecutorConfig): Body {
  const int = (value: number): Fixed => ({ type: 'int', value });
  const statistics: Fixed = { type: 'boolean', value: true };
  const name = write.text(config.name);
  const noSplitBrain = write.text(null);
  const namespace = write.text(config.userCodeNamespace ?? null);
  const type = DYNAMIC_TYPES[config.type];
  if (config.type === 'executor') {
    return { type, fixed: [int(config.poolSize), int(config.queueCapacity), statistics], variable: [...name, ...noSplitBrain, ...namespace] };
  }
  const sizes = [int(config.poolSize), int(config.durability), int(config.capacity)];
  return config.type === 'durable'
    ? { type, fixed: [...sizes, statistics], variable: [...name, ...noSplitBrain, ...namespace] }
    : { type, fixed: [...sizes, int(MERGE_BATCH), statistics], variable: [...name, ...noSplitBrain, ...write.text(MERGE_POLICY), ...namespace] };
}
