import { ConfigMap, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Context } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisError } from '../../sql/error.ts';
import type { Account, Doors } from '../../sql/front-end.ts';
import type { Master } from '../../sql/master.ts';
import type { Setting } from '../../sql/settings.ts';
import { LOOK_LATER_MS, asMaster, operatorAccount } from '../doris.ts';
import { leavingOf } from '../leaving.ts';
import { namesOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { LIVE_FILES, configData, configMap, isLive } from '../objects/config.ts';
import type { LiveName } from '../objects/config.ts';
import { startedWith, statefulSet } from '../objects/stateful-set.ts';
import { running } from './nodes.ts';
import type { Running } from './nodes.ts';
import { SINCE, changes, linesOf, sinceText, written } from './since.ts';
import type { Since } from './since.ts';
import { isSame, planKey } from './plan.ts';
import { Pod } from '../../pod.ts';

type Cx = Context<typeof DorisCluster, typeof ConfigMap | typeof StatefulSet, typeof Pod | typeof Secret>;

/** What came of a component's changed configuration: keys that running nodes were told, and what is still in the way. */
interface Told {
  readonly live: readonly string[];
  readonly behind: readonly string[];
}

/** Nodes and their settings, as they were read. */
type Seen = readonly (readonly [Running, ReadonlyMap<string, Setting>])[];

const NAMES = ['fe', 'be', 'cn'] as const;
const NOTHING: Told = { live: [], behind: [] };

/**
 * Takes a changed configuration to running nodes. The files are written already, so that every later start has it; what all nodes can be told while they run
 * they are told, and asked what they run with now. Everything else makes the pods restart in order. As long as a difference to what pods started with is
 * told and not started with, it is looked after: a node may have come back with a file that was not the newest yet. Keeps no other step from its work: see configCurrent.
 */
export const liveConfig = (doors: Doors) =>
  step('liveConfig', DorisCluster, { owns: [ConfigMap, StatefulSet], reads: [Pod, Secret] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    const pending: (readonly [LiveName, Since | 'restart'])[] = [];
    for (const name of NAMES) {
      const changed = cluster.spec[name] === undefined ? undefined : await changesOf(cluster, name, cx);
      if (changed !== undefined) pending.push([name, changed]);
    }
    if (pending.length === 0) {
      cx.condition('ConfigurationCurrent', true, 'AsStarted', 'every node was started with the configuration wanted, or is about to be');
      return done;
    }
    const account = await operatorAccount(cluster, cx);
    if ('type' in account) return account;
    return await asMaster(doors, cluster, cx, async (master) => {
      const live: string[] = [];
      const behind: string[] = [];
      for (const [name, changed] of pending) {
        const told =
          changed === 'restart'
            ? await restart(cluster, name, 'it is more than lines of one file', cx)
            : await tell(doors, cluster, name, changed, { master, account }, cx);
        live.push(...told.live.map((key) => `${name} ${key}`));
        behind.push(...told.behind);
      }
      if (behind.length > 0) cx.condition('ConfigurationCurrent', false, 'NotTold', behind.join('; '));
      else if (live.length > 0) cx.condition('ConfigurationCurrent', true, 'Told', `running nodes were told, without a restart: ${live.join(', ')}`);
      else cx.condition('ConfigurationCurrent', true, 'AsStarted', 'every node was started with the configuration wanted, or is about to be');
      (await cx.shared(UNTOLD, untold)).add(behind);
      return done;
    });
  });

/** Late in a pass: waits while a running node has not got the configuration that it was to be told. */
export const configCurrent = step('configCurrent', DorisCluster, {}, async (_object, cx) => {
  const { all } = await cx.shared(UNTOLD, untold);
  return all.length === 0 ? done : waitFor('ConfigurationNotTold', all.join('; '), { afterMs: LOOK_LATER_MS });
});

/** What both steps of a pass share. */
const UNTOLD = {};
const untold = async () => {
  const all: string[] = [];
  return await Promise.resolve({ all, add: (more: readonly string[]) => void all.push(...more), [Symbol.asyncDispose]: () => Promise.resolve() });
};

async function changesOf(cluster: Cluster, name: LiveName, cx: Cx): Promise<Since | 'restart' | undefined> {
  const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
  const map = await cx.get(ConfigMap, namesOf(cluster.name, name).configMap);
  return changes(name, written(map), startedWith(name, live), configData(cluster, name));
}

async function tell(
  doors: Doors,
  cluster: Cluster,
  name: LiveName,
  since: Since,
  { master, account }: { readonly master: Master; readonly account: Account },
  cx: Cx,
): Promise<Told> {
  const keys = Object.keys(since.keys);
  const nodes = await running(doors, cluster, name, master, account, cx);
  if (nodes.length === 0) return await restart(cluster, name, 'no node is alive that could be told', cx);
  const behind: string[] = [];
  const seen = await each(nodes, behind, (node) => node.read(keys));
  if (seen.length === 0) return { live: [], behind };
  const [start, wanted] = [linesOf(since.file), linesOf(configData(cluster, name)[LIVE_FILES[name]] ?? '')];
  const actions = keys.map((key) => {
    const settings = heeding(seen, key).map(([, settings]) => settings.get(key));
    // Of a setting that the master alone heeds, and that did not answer now, nothing is known yet.
    if (settings.length === 0) return { key, do: 'nothing' as const };
    return { key, ...planKey({ key, start: start.get(key), wanted: wanted.get(key), standard: since.keys[key] ?? null, settings }) };
  });
  const must = actions.find((one) => one.do === 'restart');
  if (must !== undefined) return await restart(cluster, name, must.because, cx);
  const remembered = actions.flatMap((one) => (one.do === 'remember' ? [[one.key, one.standard] as const] : []));
  if (remembered.length > 0) {
    // Before the first node is told: afterwards nobody could say any more what held before.
    const next = { ...since, keys: { ...since.keys, ...Object.fromEntries(remembered) } };
    await cx.apply(ConfigMap, configMap(cluster, name, { [SINCE]: sinceText(next) }), { owner: 'plain' });
    return await tell(doors, cluster, name, next, { master, account }, cx);
  }
  const sets = actions.flatMap((one) => (one.do === 'set' ? [one] : []));
  for (const { key, value } of sets) {
    const nodesToTell = heeding(seen, key)
      .filter(([, settings]) => !isSame(settings.get(key)?.value ?? '', value))
      .map(([node]) => node);
    const toldNodes = await each(nodesToTell, behind, async (node) => {
      await node.change(key, value);
      return (await node.read([key])).get(key)?.value;
    });
    if (toldNodes.some(([, shown]) => shown === undefined || !isSame(shown, value)))
      return await restart(cluster, name, `${key} shows another value than it was set to`, cx);
    if (toldNodes.length > 0)
      cx.event('Normal', 'ConfigurationTold', `${key} was set on ${toldNodes.map(([node]) => short(node.host)).join(', ')} without a restart`, 'Configure');
  }
  return { live: keys, behind };
}

/** The nodes on which a setting counts: of one that is the master's alone no other front end can be told (each look tells the one that leads by then). */
function heeding(seen: Seen, key: string): Seen {
  return seen.some(([, settings]) => settings.get(key)?.masterOnly === true) ? seen.filter(([node]) => node.master) : seen;
}

/** From now on the template wants pods that start with the new files: rollout() restarts them in order. */
async function restart(cluster: Cluster, name: LiveName, because: string, cx: Cx): Promise<Told> {
  const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
  if (live === undefined || !isLive(name)) return NOTHING;
  await cx.apply(StatefulSet, statefulSet(cluster, name, { replicas: live.spec?.replicas ?? 0, leaving: leavingOf(live), live, restart: true }));
  cx.event('Normal', 'ConfigurationNeedsRestart', `the changed configuration of ${name} takes effect by an ordered restart: ${because}`, 'Configure');
  return NOTHING;
}

/** One node after the other; what one does not do is told in `behind` and does not keep the others from it. */
async function each<T>(nodes: readonly Running[], behind: string[], run: (node: Running) => Promise<T>): Promise<readonly (readonly [Running, T])[]> {
  const results: (readonly [Running, T])[] = [];
  for (const node of nodes) {
    try {
      results.push([node, await run(node)]);
    } catch (error) {
      if (!(error instanceof DorisError)) throw error;
      behind.push(error.message);
    }
  }
  return results;
}

const short = (host: string): string => host.split('.')[0] ?? host;
