import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import type { Cluster } from '../../api/hazelcast.ts';
import { memberImage } from '../effective.ts';
import { CONFIGURATION } from '../names.ts';

const POLICY = 'hazelcast.shutdownhook.policy';
const GRACEFUL = `-D${POLICY}=GRACEFUL`;

/**
 * How members leave that keep their data in memory: they hand it over first. With Hazelcast's own policy, TERMINATE, two that are told to go at once take a
 * third of three members' data with them. Source: spec/hazelcast-members.md §7. Not with persistence, where data stays on its volume; and members that the
 * existing operator started get it with their next restart, not by one.
 */
export function leaving(hz: Cluster, live: Live<typeof StatefulSet> | undefined, configuration: string): readonly string[] {
  if (hz.spec.persistence !== undefined || hz.spec.jvm?.args?.some((arg) => arg.includes(POLICY)) === true) return [];
  return live === undefined || hasIt(live) || restartsAnyway(hz, live, configuration) ? [GRACEFUL] : [];
}

function hasIt(live: Live<typeof StatefulSet>): boolean {
  return live.spec?.template?.spec?.containers[0]?.env?.some(({ name, value }) => name === 'JAVA_OPTS' && value?.includes(GRACEFUL)) === true;
}

function restartsAnyway(hz: Cluster, live: Live<typeof StatefulSet>, configuration: string): boolean {
  const { metadata, spec } = live.spec?.template ?? {};
  return spec?.containers[0]?.image !== memberImage(hz) || (configuration !== '' && metadata?.annotations?.[CONFIGURATION] !== configuration);
}
