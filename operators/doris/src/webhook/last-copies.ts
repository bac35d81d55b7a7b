import { parseTimestamp, timestamp } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { DorisCluster } from '../api/doris-cluster.ts';
import type { Status } from '../api/status.ts';
import { asMaster } from '../cluster/doris.ts';
import { labelsOf, namesOf, ordinalOf, podName } from '../cluster/names.ts';
import { clusterFrom } from '../cluster/objects/cluster.ts';
import type { Cluster } from '../cluster/objects/cluster.ts';
import { isReady, nodesOf } from '../cluster/report.ts';
import { showBackends } from '../sql/backends.ts';
import type { Backend } from '../sql/backends.ts';
import { lastCopies as findLastCopies } from '../sql/copies.ts';
import { DorisError } from '../sql/error.ts';
import type { Doors } from '../sql/front-end.ts';
import type { Master } from '../sql/master.ts';
import { Pod } from '../pod.ts';

/** Tables are made and data moves meanwhile: looked up anew after so long; ms. */
const RENEWED_MS = 60_000;

/**
 * While a back end is away: writes into the status who holds the last reachable copy of how many tablets, for the webhook to judge by. Doris is not asked while all
 * serve, nor again within a minute while the same ones are away. Never waits: what it cannot tell, the webhook judges by nodes.
 */
export const lastCopies = (doors: Doors) =>
  step('lastCopies', DorisCluster, { reads: [Pod, Secret, StatefulSet] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    const replicas = (await cx.get(StatefulSet, namesOf(cluster.name, 'be').statefulSet))?.spec?.replicas ?? 0;
    const down = downAmong(await cx.list(Pod, { labels: labelsOf(cluster.name, 'be') }), cluster, replicas);
    const dead = (nodesOf(object, 'be') ?? []).filter(({ alive }) => !alive).map(({ host }) => podOf(cluster, host));
    if (cluster.spec.fe === undefined || cluster.spec.be === undefined || (down.size === 0 && dead.length === 0)) {
      cx.status({ lastCopies: undefined });
      return done;
    }
    const before = (object.status as Status | undefined)?.lastCopies; // sound: a Live status is the declared one
    const look = async ({ fe }: Master): Promise<Outcome> => {
      const backends = await showBackends(fe, cx.signal);
      const serves = (one: Backend) => one.alive && !down.has(podOf(cluster, one.host));
      const away = [...new Set([...down, ...backends.filter((one) => !serves(one)).map((one) => podOf(cluster, one.host))])].toSorted();
      if (away.length === 0) {
        cx.status({ lastCopies: undefined });
        return done;
      }
      const age = before === undefined ? Infinity : cx.clock.now() - (parseTimestamp(before.at) ?? 0);
      if (age < RENEWED_MS && jsonEqual(before?.away, away)) return done;
      const found = await findLastCopies(fe, new Set(backends.filter(serves).map(({ id }) => id)), cx.signal);
      const holders = backends.flatMap(({ id, host }) => (found.has(id) ? [{ pod: podOf(cluster, host), tablets: found.get(id)! }] : []));
      cx.status({ lastCopies: { at: timestamp(cx.clock.now()), away, holders } });
      return done;
    };
    // An answer that nobody understands is no reason to leave the cluster alone either.
    const told = await asMaster(doors, cluster, cx, look).catch((error: unknown) => {
      if (error instanceof DorisError) return undefined;
      throw error;
    });
    if (told?.type !== 'done') cx.status({ lastCopies: undefined });
    return done;
  });

/** Pods that are to be there and do not serve. */
function downAmong(pods: readonly Live<typeof Pod>[], cluster: Cluster, replicas: number): ReadonlySet<string> {
  const serving = new Set(pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name));
  const wanted = Array.from({ length: replicas }, (_, ordinal) => podName(cluster.name, 'be', ordinal));
  return new Set(wanted.filter((pod) => !serving.has(pod)));
}

/** A back end's pod; of one that is none of ours its host. */
function podOf(cluster: Cluster, host: string): string {
  const ordinal = ordinalOf(cluster, 'be', host);
  return ordinal === undefined ? host : podName(cluster.name, 'be', ordinal);
}
