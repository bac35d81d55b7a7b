import type { Live } from '@binnacle/client';
import { isConflict, isNotFound, timestamp } from '@binnacle/client';
import { Node, PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import type { StorageClass } from '@binnacle/client/kinds';
import type { Follower } from '../network/follow.ts';
import { record } from '../controllers/event.ts';
import { bell } from './bell.ts';
import type { NodeContext } from './context.ts';
import type { Situation } from './schedule.ts';
import { place } from './schedule.ts';

type LivePod = Live<typeof Pod>;
const RETRY_MS = 1000;

/** What the scheduler of one node reads. */
export interface Sources {
  readonly node: () => Live<typeof Node> | undefined;
  readonly pods: Pick<Follower<typeof Pod>, 'values'>;
  readonly claims: Pick<Follower<typeof PersistentVolumeClaim>, 'get'>;
  readonly classes: Pick<Follower<typeof StorageClass>, 'get'>;
}

/** Binds pending pods to its node, one after another, in the order of their creation. */
export interface Scheduler extends AsyncDisposable {
  /** Something that may let a pod be bound has changed. */
  changed(): void;
}

/** Every node schedules for itself: of two that want the same pod, the API server lets one bind it. */
export function scheduler(node: NodeContext, sources: Sources): Scheduler {
  const stopped = new AbortController();
  const news = bell();
  let dirty = true;
  const run = async () => {
    while (!stopped.signal.aborted) {
      if (!dirty) await news.next(stopped.signal);
      dirty = false;
      const pending = sources.pods.values().filter(({ spec }) => (spec?.nodeName ?? '') === '');
      for (const pod of pending.toSorted(byAge)) {
        if (stopped.signal.aborted) return;
        try {
          await schedule(node, sources, pod, stopped.signal);
        } catch (error) {
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

async function schedule(node: NodeContext, sources: Sources, pod: LivePod, signal: AbortSignal): Promise<void> {
  const here = sources.node();
  if (here === undefined) return;
  const { namespace, name, uid } = pod.metadata;
  const situation: Situation = {
    pod,
    node: here,
    here: sources.pods.values().filter(({ spec }) => spec?.nodeName === node.name),
    claim: (claim) => sources.claims.get(`${namespace}/${claim}`),
    storageClass: (storageClass) => sources.classes.get(storageClass),
  };
  const placement = place(situation);
  switch (placement.do) {
    case 'nothing':
      return;
    case 'wait':
      return unschedulable(node, pod, placement.message, signal);
    case 'selectNode':
      for (const claim of placement.claims) {
        const body = { metadata: { annotations: { 'volume.kubernetes.io/selected-node': node.name } } };
        await node.api.patch(PersistentVolumeClaim, { namespace, name: claim }, { type: 'merge', body }, { signal });
      }
      return;
    case 'bind': {
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

async function unschedulable(node: NodeContext, pod: LivePod, message: string, signal: AbortSignal): Promise<void> {
  const now = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  // With several nodes, each has a reason of its own: the first one stands, instead of a quarrel without end.
  if (now?.status === 'False' && (now.message === message || now.message?.startsWith('0/') === true)) return;
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: timestamp(node.clock.now()) };
  const { namespace, name, uid } = pod.metadata;
  const body = { metadata: { uid }, status: { conditions: [condition] } };
  await node.api.patch(Pod, { namespace, name }, { type: 'strategic', body }, { subresource: 'status', signal });
  node.errands.add(() => record(node, Pod, pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' }));
}

function byAge(a: LivePod, b: LivePod): number {
  const key = ({ metadata }: LivePod) => `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
