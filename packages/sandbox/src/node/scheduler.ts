import type { Live } from '@binnacle/client';
import { isConflict, isNotFound, timestamp } from '@binnacle/client';
import { PersistentVolume, PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import type { Node, StorageClass } from '@binnacle/client/kinds';
import type { Follower } from '../network/follow.ts';
import { record } from '../controllers/event.ts';
import { isTerminal } from '../controllers/pod.ts';
import { bell } from './bell.ts';
import type { NodeContext } from './context.ts';
import type { Placement, Situation } from './schedule.ts';
import { place } from './schedule.ts';

type LivePod = Live<typeof Pod>;
const RETRY_MS = 1000;

/** What the scheduler of one node reads: the whole cluster. */
export interface Sources {
  readonly nodes: Pick<Follower<typeof Node>, 'values'>;
  readonly pods: Pick<Follower<typeof Pod>, 'values'>;
  readonly claims: Pick<Follower<typeof PersistentVolumeClaim>, 'get'>;
  readonly volumes: Pick<Follower<typeof PersistentVolume>, 'get' | 'values'>;
  readonly classes: Pick<Follower<typeof StorageClass>, 'get'>;
}

/** Binds pending pods to its node, one after another: higher priority first, then in the order of their creation. */
export interface Scheduler extends AsyncDisposable {
  /** Something that may let a pod be bound has changed. */
  changed(): void;
}

/**
 * Every node decides for the whole cluster, by the same rules, and does only what concerns itself: so several need no leader. Two that have not seen the same
 * yet may decide differently: the API server lets one of them bind a pod, but rules between pods of different nodes can then be off by one.
 */
export function scheduler(node: NodeContext, sources: Sources): Scheduler {
  const stopped = new AbortController();
  const news = bell();
  let dirty = true;
  // Bound by us, and not yet seen so: the next pod must count them.
  const bound = new Map<string, LivePod>();
  const run = async () => {
    while (!stopped.signal.aborted) {
      if (!dirty) await news.next(stopped.signal);
      dirty = false;
      const all = sources.pods.values();
      for (const uid of bound.keys()) if (!all.some(({ metadata, spec }) => metadata.uid === uid && (spec?.nodeName ?? '') === '')) bound.delete(uid);
      // Where others will bind the pods that they choose for themselves: for this pass we count on it.
      const elsewhere = new Map<string, LivePod>();
      const pending = all.filter(({ spec, metadata }) => (spec?.nodeName ?? '') === '' && !bound.has(metadata.uid));
      for (const pod of pending.toSorted(byTurn)) {
        if (stopped.signal.aborted) return;
        try {
          const placement = place(situationOf(sources, pod, new Map([...bound, ...elsewhere])));
          if (placement.do === 'bind') {
            const there = { ...pod, spec: { ...pod.spec!, nodeName: placement.node } };
            (placement.node === node.name ? bound : elsewhere).set(pod.metadata.uid, there);
          }
          await carryOut(node, sources, pod, placement, stopped.signal);
        } catch (error) {
          bound.delete(pod.metadata.uid);
          // Deleted meanwhile, or another node was faster: the watch tells which.
          if (stopped.signal.aborted || isNotFound(error) || isConflict(error)) continue;
          node.log.warn({ pod: pod.metadata.name, error: String(error) }, 'pod not scheduled');
          await node.clock.sleep(RETRY_MS, stopped.signal).catch(() => undefined);
          dirty = true;
        }
      }
    }
  };
  const running = run();
  return {
    changed() {
      dirty = true;
      news.ring();
    },
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await running;
    },
  };
}

function situationOf(sources: Sources, pod: LivePod, assumed: ReadonlyMap<string, LivePod>): Situation {
  const { namespace } = pod.metadata;
  return {
    pod,
    nodes: sources.nodes.values().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
    pods: sources.pods
      .values()
      .map((other) => ((other.spec?.nodeName ?? '') === '' ? (assumed.get(other.metadata.uid) ?? other) : other))
      .filter((other) => (other.spec?.nodeName ?? '') !== '' && !isTerminal(other)),
    claim: (name) => sources.claims.get(`${namespace}/${name}`),
    volume: (name) => sources.volumes.get(name),
    volumes: () => sources.volumes.values(),
    storageClass: (name) => sources.classes.get(name),
  };
}

async function carryOut(node: NodeContext, sources: Sources, pod: LivePod, placement: Placement, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  switch (placement.do) {
    case 'nothing':
      return;
    case 'wait':
      return unschedulable(node, pod, placement.message, signal);
    case 'selectNode':
      if (placement.node !== node.name) return;
      for (const { name: claim, volume } of placement.claims) {
        if (volume !== undefined) {
          await reserve(node, volume, { namespace, name: claim, uid: sources.claims.get(`${namespace}/${claim}`)?.metadata.uid ?? '' }, signal);
          continue;
        }
        const body = { metadata: { annotations: { 'volume.kubernetes.io/selected-node': node.name } } };
        await node.api.patch(PersistentVolumeClaim, { namespace, name: claim }, { type: 'merge', body }, { signal });
      }
      return;
    case 'bind': {
      if (placement.node !== node.name) return;
      const target = { apiVersion: 'v1', kind: 'Node', name: node.name };
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target };
      await node.api.raw({ method: 'POST', path: `/api/v1/namespaces/${namespace}/pods/${name}/binding`, body, signal });
      const message = `Successfully assigned ${namespace}/${name} to ${node.name}`;
      node.errands.add(() => record(node, Pod, pod, { type: 'Normal', reason: 'Scheduled', message, component: 'default-scheduler' }));
      return;
    }
    default:
      return placement satisfies never;
  }
}

/** A volume that was made by hand is its claim's from now on; whoever was faster, the version tells. */
async function reserve(
  node: NodeContext,
  { metadata }: Live<typeof PersistentVolume>,
  claim: { readonly namespace: string; readonly name: string; readonly uid: string },
  signal: AbortSignal,
): Promise<void> {
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', ...claim };
  const annotations = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
  const body = { metadata: { resourceVersion: metadata.resourceVersion, annotations }, spec: { claimRef } };
  await node.api.patch(PersistentVolume, { name: metadata.name }, { type: 'merge', body }, { signal });
}

async function unschedulable(node: NodeContext, pod: LivePod, message: string, signal: AbortSignal): Promise<void> {
  const now = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (now?.status === 'False' && now.message === message) return;
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: timestamp(node.clock.now()) };
  const { namespace, name, uid } = pod.metadata;
  const body = { metadata: { uid }, status: { conditions: [condition] } };
  await node.api.patch(Pod, { namespace, name }, { type: 'strategic', body }, { subresource: 'status', signal });
  node.errands.add(() => record(node, Pod, pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' }));
}

function byTurn(a: LivePod, b: LivePod): number {
  const rank = (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0);
  const key = ({ metadata }: LivePod) => `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  return rank === 0 ? (key(a) < key(b) ? -1 : 1) : rank;
}
