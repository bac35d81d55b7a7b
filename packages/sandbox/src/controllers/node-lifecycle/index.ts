import type { Live, Ref } from '@binnacle/client';
import { isConflict, isNotFound, timestamp } from '@binnacle/client';
import { Lease, Node, Pod } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { record } from '../event.ts';
import { same } from '../hash.ts';
import { isReady, isTerminating } from '../pod.ts';
import { OUT_OF_SERVICE, evictions, readyOf, taintsFor, untilDead } from './plan.ts';

type LiveNode = Live<typeof Node>;
type LivePod = Live<typeof Pod>;
const LEASES = 'kube-node-lease';
const COMPONENT = 'node-controller';
/** So long a node may be missing before its pods are taken to be gone. Source: pkg/controller/podgc. */
const QUARANTINE_MS = 40_000;

/**
 * Watches over nodes: one that stops to renew its Lease gets NotReady and is tainted; its pods count as not ready, and are deleted when they tolerate that no
 * longer. Pods of a node that has gone are removed. A node without a Lease does not say that it lives, and is not missed.
 */
export function nodeLifecycle(): Reconciler {
  /** Nodes whose pods concern nobody: most, most of the time. */
  const calm = new Set<string>();
  /** Since when a node is missing; ms. */
  const missing = new Map<string, number>();
  return {
    name: 'node-lifecycle',
    kind: Node,
    watches: [
      watch(Lease, ({ metadata }) => (metadata.namespace === LEASES ? [{ name: metadata.name }] : [])),
      watch(Pod, ({ spec }) => (spec?.nodeName === undefined || spec.nodeName === '' || calm.has(spec.nodeName) ? [] : [{ name: spec.nodeName }])),
    ],
    async reconcile(ref, world) {
      const node = world.cache.get(Node, ref);
      if (node === undefined) {
        calm.delete(ref.name);
        return removeOrphans(ref, world, missing);
      }
      missing.delete(ref.name);
      const quiet = readyOf(node) !== 'False' && readyOf(node) !== 'Unknown' && !(node.spec?.taints ?? []).some(({ effect }) => effect === 'NoExecute');
      if (quiet) calm.add(ref.name);
      else calm.delete(ref.name);
      const deadInMs = untilDead(world.cache.get(Lease, { namespace: LEASES, name: ref.name }), world.clock.now());
      if (deadInMs !== undefined && deadInMs <= 0 && readyOf(node) !== 'Unknown') return takeForDead(node, world);
      if (await taint(node, world)) return undefined;
      const nextMs = quiet ? undefined : await clear(node, world);
      const waits = [deadInMs, nextMs].filter((ms) => ms !== undefined && ms > 0).map(Number);
      return waits.length === 0 ? undefined : { afterMs: Math.min(...waits) };
    },
  };
}

async function takeForDead(node: LiveNode, world: World): Promise<void> {
  const { api, clock, signal } = world;
  const message = 'Kubelet stopped posting node status.';
  const condition = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime: timestamp(clock.now()) };
  const body = { metadata: { uid: node.metadata.uid }, status: { conditions: [condition] } };
  await api.patch(Node, node.metadata, { type: 'strategic', body }, { subresource: 'status', signal });
  const { name } = node.metadata;
  await record(world, Node, node, { type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady`, component: COMPONENT });
}

/** Writes the taints that follow from the Ready condition; whether there was anything to write. */
async function taint(node: LiveNode, { api, clock, signal }: World): Promise<boolean> {
  const taints = taintsFor(node, clock.now());
  if (same(taints, node.spec?.taints ?? [])) return false;
  const { resourceVersion } = node.metadata;
  await api.patch(Node, node.metadata, { type: 'merge', body: { metadata: { resourceVersion }, spec: { taints } } }, { signal });
  return true;
}

/** What becomes of the pods of a node that is not well. Ms until the next of them has to go. */
async function clear(node: LiveNode, world: World): Promise<number | undefined> {
  const pods = podsOn(node.metadata.name, world);
  if (readyOf(node) !== 'True') for (const pod of pods.filter(isReady)) await markNotReady(pod, world);
  if (readyOf(node) !== 'True' && node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true)
    for (const pod of pods.filter(isTerminating)) await remove(pod, world);
  const { due, nextMs } = evictions(node, pods, world.clock.now());
  for (const pod of due) await evict(pod, world);
  return nextMs;
}

async function markNotReady(pod: LivePod, world: World): Promise<void> {
  const { api, clock, signal } = world;
  const condition = { type: 'Ready', status: 'False', lastTransitionTime: timestamp(clock.now()) };
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  await unlessGone(() => api.patch(Pod, pod.metadata, { type: 'strategic', body }, { subresource: 'status', signal }));
  await record(world, Pod, pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready', component: COMPONENT });
}

async function evict(pod: LivePod, world: World): Promise<void> {
  const { api, clock, signal } = world;
  const { namespace, name, uid } = pod.metadata;
  const message = `Marking for deletion Pod ${namespace}/${name}`;
  await record(world, Pod, pod, { type: 'Normal', reason: 'TaintManagerEviction', message, component: 'taint-eviction-controller' });
  const why = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: timestamp(clock.now()) };
  const body = { metadata: { uid }, status: { conditions: [{ type: 'DisruptionTarget', status: 'True', ...why }] } };
  await unlessGone(async () => {
    await api.patch(Pod, { namespace, name }, { type: 'strategic', body }, { subresource: 'status', signal });
    await api.delete(Pod, { namespace, name }, { preconditions: { uid }, signal });
  });
}

/** Pods whose node has been missing for a while: nobody else can say that they have ended. */
async function removeOrphans({ name }: Ref, world: World, missing: Map<string, number>): Promise<void | { readonly afterMs: number }> {
  const pods = podsOn(name, world);
  if (pods.length === 0) return void missing.delete(name);
  const since = missing.get(name) ?? world.clock.now();
  missing.set(name, since);
  const leftMs = since + QUARANTINE_MS - world.clock.now();
  if (leftMs > 0) return { afterMs: leftMs };
  for (const pod of pods) await remove(pod, world);
}

/** Deletes a pod without waiting for a kubelet. */
async function remove({ metadata }: LivePod, { api, signal }: World): Promise<void> {
  const { namespace, name, uid } = metadata;
  await unlessGone(() => api.delete(Pod, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid }, signal }));
}

async function unlessGone(task: () => Promise<unknown>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

function podsOn(node: string, { cache }: World): readonly LivePod[] {
  return cache.list(Pod).filter(({ spec }) => spec?.nodeName === node);
}
