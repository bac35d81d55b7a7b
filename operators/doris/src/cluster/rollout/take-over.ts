import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import { TEMPLATE, partitionOf } from '../objects/partition.ts';
import { TAKEN_OVER } from '../objects/stateful-set.ts';

/** On the DorisCluster: `true` lets the restart begin that a take-over from the existing operator brings. */
export const RESTART_TAKEN_OVER = 'al-assad.github.io/restart-taken-over';

type Annotations = Readonly<Record<string, string>> | undefined;

/**
 * What pods of a taken over StatefulSet do not have yet, if nothing but the take-over would restart them: then they wait, until somebody says so or until something
 * else restarts them. `undefined`: nothing waits. Where a restart has begun it goes on.
 */
export function waitsForRestart(live: Live<typeof StatefulSet>, cluster: Annotations): string | undefined {
  const [hash, ...what] = live.metadata.annotations?.[TAKEN_OVER]?.split(' ') ?? [];
  const begun = (partitionOf(live) ?? 0) < (live.spec?.replicas ?? 0);
  if (hash === undefined || hash !== live.metadata.annotations?.[TEMPLATE] || cluster?.[RESTART_TAKEN_OVER] === 'true' || begun) return undefined;
  return what.join(' ');
}
