import { duplicate } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from '../spec.ts';

/** The flag of each collector. */
export const COLLECTORS = { Serial: '-XX:+UseSerialGC', Parallel: '-XX:+UseParallelGC', G1: '-XX:+UseG1GC' } as const;

/** An argument that both a field and `jvm.args` set. */
export function* jvmFaults(spec: Spec): Iterable<FieldError> {
  const { memory, gc, args = [] } = spec.jvm ?? {};
  const set: readonly (readonly [flag: string, by: unknown])[] = [
    ['-XX:InitialRAMPercentage', memory?.initialRAMPercentage],
    ['-XX:MaxRAMPercentage', memory?.maxRAMPercentage],
    ['-XX:MinRAMPercentage', memory?.minRAMPercentage],
    ['-verbose:gc', gc?.logging],
    [gc?.collector === undefined ? '' : COLLECTORS[gc.collector], gc?.collector],
  ];
  for (const [flag, by] of set) {
    if (by === undefined || !args.some((arg) => arg.includes(flag))) continue;
    const fault = duplicate('spec.jvm.args', flag);
    yield { ...fault, message: `${fault.message}: ${flag} is already set up in JVM config` };
  }
}
