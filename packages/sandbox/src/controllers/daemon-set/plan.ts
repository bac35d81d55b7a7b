import type { Live } from '@binnacle/client';
import { parseTimestamp } from '@binnacle/client';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '@binnacle/client/kinds';
import { isActive, isReady, isTerminal, isTerminating, untilAvailable } from '../pod.ts';
import { nodeOf, wanted } from './pod.ts';

type LivePod = Live<typeof Pod>;

/** A DaemonSet as it stands. `hash`: what pods of the newest template carry. `pods`: those it controls. */
export interface Observed {
  readonly set: Live<typeof DaemonSet>;
  readonly nodes: readonly Live<typeof Node>[];
  readonly pods: readonly LivePod[];
  readonly hash: string;
  readonly nowMs: number;
}

export type Action =
  | { readonly do: 'create'; readonly node: string }
  /** `ended`: it has stopped by itself, which no daemon should. */
  | { readonly do: 'delete'; readonly pod: LivePod; readonly ended: boolean };

/** A pod that ends at once must not be made anew without end: so often at most; ms. */
const REPLACE_MS = 1000;

/**
 * The next moves. A node never has two pods that run, but for `maxSurge`: a new one is made when the old one has gone. A rolling update lets as many nodes be
 * without a daemon that serves as `maxUnavailable` says, and replaces first those that do not serve; or it puts new ones beside as many old ones as `maxSurge`
 * says, which go when the new ones serve. `afterMs`: look again then. Source: spec/sandbox.md §7 case 63 ff.; pkg/controller/daemon/update.go.
 */
export function plan(observed: Observed): { readonly actions: readonly Action[]; readonly afterMs: number | undefined } {
  const { set, nodes, pods, nowMs } = observed;
  const byNode = Map.groupBy(pods, nodeOf);
  const actions: Action[] = [];
  const waits: number[] = [];
  for (const [name, here] of byNode) if (!nodes.some(({ metadata }) => metadata.name === name)) actions.push(...remove(here));
  for (const node of nodes) {
    const { run, stay } = wanted(set.spec?.template.spec, node);
    const here = byNode.get(node.metadata.name) ?? [];
    const { keep, more } = kept(observed, here);
    for (const pod of here.filter((one) => isTerminal(one) && !isTerminating(one))) {
      const leftMs = parseTimestamp(pod.metadata.creationTimestamp) + REPLACE_MS - nowMs;
      if (leftMs > 0) waits.push(leftMs);
      else actions.push({ do: 'delete', pod, ended: true });
    }
    actions.push(...remove(more));
    if (!stay) actions.push(...remove(keep));
    if (run && here.length === 0) actions.push({ do: 'create', node: node.metadata.name });
  }
  actions.push(...(surgeOf(observed) > 0 ? surged(observed, byNode) : outdated(observed, byNode)));
  const minReady = set.spec?.minReadySeconds ?? 0;
  waits.push(...pods.flatMap((pod) => untilAvailable(pod, minReady, nowMs) ?? []).filter((ms) => ms > 0));
  return { actions, afterMs: waits.length === 0 ? undefined : Math.min(...waits) };
}

/** The pods of a node that may stay: one, or with a surge one of an older template and one of the newest. */
function kept(observed: Observed, here: readonly LivePod[]): { readonly keep: readonly LivePod[]; readonly more: readonly LivePod[] } {
  const active = here.filter(isActive).toSorted(byAge);
  const isNewest = (pod: LivePod) => hashOfPod(pod) === observed.hash;
  const keep = surgeOf(observed) > 0 ? [active.find((pod) => !isNewest(pod)) ?? [], active.find(isNewest) ?? []].flat() : active.slice(0, 1);
  return { keep, more: active.filter((pod) => !keep.includes(pod)) };
}

const hashOfPod = ({ metadata }: LivePod): string | undefined => metadata.labels?.['controller-revision-hash'];

/** How many nodes may have a new pod beside the old one; 0: none, the old one goes first. */
function surgeOf({ set, nodes }: Observed): number {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return 0;
  const given = rollingUpdate?.maxSurge ?? 0;
  return typeof given === 'number' ? given : Math.ceil((Number.parseFloat(given) / 100) * targetsOf(set, nodes).length);
}

/** New pods beside old ones, and the end of old ones whose successor serves. An old one that does not serve counts for nothing. */
function surged(observed: Observed, byNode: ReadonlyMap<string, readonly LivePod[]>): readonly Action[] {
  const { set, nodes, hash, nowMs } = observed;
  const serves = (pod: LivePod) => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs) === 0;
  const [free, candidates, done]: [string[], string[], LivePod[]] = [[], [], []];
  let surging = 0;
  for (const { metadata } of targetsOf(set, nodes)) {
    const { keep } = kept(observed, byNode.get(metadata.name) ?? []);
    const [old, fresh] = [keep.find((pod) => hashOfPod(pod) !== hash), keep.find((pod) => hashOfPod(pod) === hash)];
    if (old === undefined) continue;
    if (fresh === undefined) (serves(old) ? candidates : free).push(metadata.name);
    else if (serves(fresh)) done.push(old);
    else surging += 1;
  }
  const chosen = [...free, ...candidates.slice(0, Math.max(0, surgeOf(observed) - surging))];
  return [...chosen.map((node) => ({ do: 'create', node }) as const), ...remove(done)];
}

function targetsOf(set: Observed['set'], nodes: Observed['nodes']): Observed['nodes'] {
  return nodes.filter((node) => wanted(set.spec?.template.spec, node).run);
}

/** Pods of older templates that are replaced now. */
function outdated({ set, nodes, hash, nowMs }: Observed, byNode: ReadonlyMap<string, readonly LivePod[]>): readonly Action[] {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return [];
  const targets = targetsOf(set, nodes);
  const given = set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
  const most = Math.max(1, typeof given === 'number' ? given : Math.ceil((Number.parseFloat(given) / 100) * targets.length));
  const serving: LivePod[] = [];
  const idle: LivePod[] = [];
  let unavailable = 0;
  for (const { metadata } of targets) {
    const pod = (byNode.get(metadata.name) ?? []).filter(isActive).toSorted(byAge)[0];
    const available = pod !== undefined && untilAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs) === 0;
    if (!available) unavailable += 1;
    if (pod !== undefined && hashOfPod(pod) !== hash) (available ? serving : idle).push(pod);
  }
  return remove([...idle, ...serving.slice(0, Math.max(0, most - unavailable))]);
}

function remove(pods: readonly LivePod[]): readonly Action[] {
  return pods.filter((pod) => !isTerminating(pod)).map((pod) => ({ do: 'delete', pod, ended: false }));
}

/** The status that follows. */
export function statusOf({ set, nodes, pods, hash, nowMs }: Observed): DaemonSetStatus {
  const byNode = Map.groupBy(pods, nodeOf);
  const has = ({ metadata }: Live<typeof Node>) =>
    byNode
      .get(metadata.name)
      ?.filter((pod) => !isTerminal(pod))
      .toSorted(byAge)[0];
  const targets = targetsOf(set, nodes);
  const daemons = targets.flatMap((node) => has(node) ?? []);
  const available = daemons.filter((pod) => !isTerminating(pod) && untilAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs) === 0).length;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    desiredNumberScheduled: targets.length,
    currentNumberScheduled: daemons.length,
    numberMisscheduled: nodes.filter((node) => !targets.includes(node) && has(node) !== undefined).length,
    numberReady: daemons.filter((pod) => !isTerminating(pod) && isReady(pod)).length,
    numberAvailable: available,
    numberUnavailable: targets.length - available,
    updatedNumberScheduled: daemons.filter((pod) => hashOfPod(pod) === hash).length,
  };
}

function byAge(a: LivePod, b: LivePod): number {
  const key = ({ metadata }: LivePod) => `${metadata.creationTimestamp} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
