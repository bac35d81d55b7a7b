import type { ComponentName } from '../names.ts';

/** A component's StatefulSet: how many pods it is to have, and how many there are. */
export interface Running {
  readonly name: ComponentName;
  readonly replicas: number;
  readonly pods: number;
}

/** Who stops after whom: first those that only ask, then the data, and the front ends that all of them report to. */
const ORDER: readonly (readonly ComponentName[])[] = [['cn', 'broker'], ['be'], ['fe']];

/**
 * Which components stop now, and which pods are waited for; `undefined`: nothing runs any more. Nobody is stopped before everybody who needs it is gone. Front ends
 * go one by one, the highest ordinal first, as their StatefulSet does: the first one is the last to stop and the first to start, with all that a majority agreed on.
 */
export function suspendPlan(parts: readonly Running[]): { readonly stop: readonly ComponentName[]; readonly waitFor: string } | undefined {
  for (const names of ORDER) {
    const running = parts.filter((part) => names.includes(part.name) && (part.replicas > 0 || part.pods > 0));
    if (running.length === 0) continue;
    return {
      stop: running.filter((part) => part.replicas > 0).map((part) => part.name),
      waitFor: running.map((part) => `${part.pods} pods of ${part.name}`).join(', '),
    };
  }
  return undefined;
}
