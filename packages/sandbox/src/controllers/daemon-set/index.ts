import type { Live, Ref } from '@binnacle/client';
import { isNamespaceTerminating, isNotFound } from '@binnacle/client';
import { ControllerRevision, DaemonSet, Node, Pod } from '@binnacle/client/kinds';
import type { DaemonSetStatus } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { slowStart, together } from '../batches.ts';
import { claimPods } from '../claim-pods.ts';
import { record } from '../event.ts';
import { same } from '../hash.ts';
import type { Interest } from '../interest.ts';
import { interest } from '../interest.ts';
import { selects } from '../labels.ts';
import { controllerOf, controllerRef } from '../owner.ts';
import { claimRevisions, expired, podRevision, settleRevision } from '../revision.ts';
import type { PodRevision } from '../revision.ts';
import type { Action, Observed } from './plan.ts';
import { plan, statusOf } from './plan.ts';
import { hashOf, podFor } from './pod.ts';

type LiveSet = Live<typeof DaemonSet>;
const COMPONENT = 'daemonset-controller';

/** One pod on each node that is asked for, also on nodes that come later. */
export function daemonSet(): Reconciler {
  const orphans = interest(Pod);
  // Any change of a node may concern any of them.
  const all = new Map<string, Ref>();
  return {
    name: 'daemonset',
    kind: DaemonSet,
    watches: [
      watch(Pod, (pod) => (controllerOf(pod) === undefined ? orphans.watch.map(pod) : controllerRef(pod, DaemonSet))),
      watch(ControllerRevision, (revision) => controllerRef(revision, DaemonSet)),
      watch(Node, () => [...all.values()]),
    ],
    reconcile: (ref, world) => {
      const key = `${ref.namespace}/${ref.name}`;
      if (world.cache.get(DaemonSet, ref) === undefined) all.delete(key);
      else all.set(key, ref);
      return reconcile(ref, world, orphans);
    },
  };
}

async function reconcile(ref: Ref, world: World, orphans: Interest<typeof Pod>): Promise<void | { readonly afterMs: number }> {
  const who = { ...ref, namespace: ref.namespace ?? '' };
  const set = world.cache.get(DaemonSet, ref);
  if (set === undefined) return orphans.drop(who);
  if (set.metadata.deletionTimestamp !== undefined) return;
  orphans.set(who, { wants: (pod) => selects(set.spec?.selector, pod.metadata.labels), labels: set.spec?.selector?.matchLabels, uids: [] });
  const revisions = await claimRevisions(set, world);
  const update = await settleRevision(set, revisions, world);
  const pods = await claimPods(DaemonSet, set, world);
  const hash = hashOf(update.metadata.name, set);
  const observed: Observed = { set, nodes: world.cache.list(Node), pods, hash, nowMs: world.clock.now() };
  await writeStatus(set, statusOf(observed), world);
  const { actions, afterMs } = plan(observed);
  const revision = podRevision(update);
  await slowStart(actions.filter(creates), ({ node }) => create(set, node, revision, world));
  await together(
    actions.filter((action) => !creates(action)),
    (action) => remove(set, action, world),
  );
  const used = pods.map(({ metadata }) => `${set.metadata.name}-${metadata.labels?.['controller-revision-hash'] ?? ''}`);
  for (const { metadata } of expired(set, revisions, new Set([update.metadata.name, ...used]))) {
    await gone(() => world.api.delete(ControllerRevision, metadata, { preconditions: { uid: metadata.uid }, signal: world.signal }));
  }
  if (afterMs !== undefined) return { afterMs };
}

type Create = Extract<Action, { readonly do: 'create' }>;
const creates = (action: Action): action is Create => action.do === 'create';

async function remove(set: LiveSet, { pod, ended }: Exclude<Action, Create>, world: World): Promise<void> {
  const { metadata, spec, status } = pod;
  const phase = status?.phase === 'Succeeded' ? 'succeeded' : 'failed';
  const found = `Found ${phase} daemon pod ${metadata.namespace}/${metadata.name} on node ${spec?.nodeName ?? ''}, will try to ${phase === 'failed' ? 'kill' : 'delete'} it`;
  if (ended) await say(set, phase === 'failed' ? 'Warning' : 'Normal', phase === 'failed' ? 'FailedDaemonPod' : 'SucceededDaemonPod', found, world);
  const deleted = await gone(() => world.api.delete(Pod, metadata, { preconditions: { uid: metadata.uid }, signal: world.signal }));
  if (deleted) await say(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`, world);
}

async function create(set: LiveSet, node: string, revision: PodRevision, world: World): Promise<void> {
  const { api, signal } = world;
  try {
    const pod = await api.create(Pod, podFor(set, node, revision), { signal });
    await say(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, world);
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    if (!signal.aborted) await say(set, 'Warning', 'FailedCreate', `Error creating: ${error instanceof Error ? error.message : String(error)}`, world);
    throw error;
  }
}

async function say(set: LiveSet, type: 'Normal' | 'Warning', reason: string, message: string, world: World): Promise<void> {
  await record(world, DaemonSet, set, { type, reason, message, component: COMPONENT });
}

/** False: it had gone before. */
async function gone(task: () => Promise<unknown>): Promise<boolean> {
  try {
    await task();
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function writeStatus(set: LiveSet, status: DaemonSetStatus, { api, signal }: World): Promise<void> {
  const before = set.status as Readonly<Record<string, unknown>> | undefined;
  const now = Object.fromEntries(Object.keys(status).map((key) => [key, before?.[key] ?? 0]));
  if (before !== undefined && same(now, status)) return;
  await api.patch(DaemonSet, set.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}
