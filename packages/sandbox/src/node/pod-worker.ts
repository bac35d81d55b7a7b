import type { Duplex } from 'node:stream';
import type { Live, Network } from '@binnacle/client';
import { isConflict, isNotFound, NetworkError, parseTimestamp, timestamp } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import { record } from '../controllers/event.ts';
import { isTerminal } from '../controllers/pod.ts';
import { bell } from './bell.ts';
import type { Bell } from './bell.ts';
import { MissingConfig } from './config.ts';
import { keepRunning } from './container-loop.ts';
import { hostnameOf } from './container-run.ts';
import type { NodeContext, PodContext } from './context.ts';
import type { PodVolumes } from './mounts.ts';
import { openVolumes } from './mounts.ts';
import type { Role, Slot } from './slot.ts';
import { podStatus } from './status.ts';
import { statusWriter } from './status-writer.ts';
import type { StatusWriter } from './status-writer.ts';

type LivePod = Live<typeof Pod>;
const RETRY_MS = 1000;

/** One pod on this node, from when it is bound here until it has gone. */
export interface PodWorker {
  readonly uid: string;
  readonly slots: readonly Slot[];
  /** Connects to a port of the pod from inside it. @throws {NetworkError} `refused` when nobody listens, or the pod has no network now. */
  dial(port: number, signal: AbortSignal): Promise<Duplex>;
  /** The object has changed: also that it was deleted, and by when it has to be gone. */
  update(pod: LivePod): void;
  /** Its status is written again: it may have been taken for lost. */
  report(): void;
  /** The object is gone: whatever still runs is killed at once. */
  forget(): void;
  /** Resolves when nothing of the pod runs any more. */
  readonly done: Promise<void>;
}

/** Starts a pod's containers and everything around them. `pod` may have run here before: a container that did counts as restarted. */
export function startPod(node: NodeContext, first: LivePod): PodWorker {
  let pod = first;
  const slots = slotsOf(first);
  const ending = new AbortController();
  const forgotten = new AbortController();
  const podChanged = bell();
  const reportWanted = bell();
  let inside: Network | undefined;
  const reachable = (network: Network | undefined) => void (inside = network);
  const run = () => runPod(node, slots, { pod: () => pod, ending: ending.signal, forgotten: forgotten.signal, podChanged, reportWanted, reachable });
  const done = run().catch((error: unknown) => {
    node.log.error({ pod: `${first.metadata.namespace}/${first.metadata.name}`, error: String(error) }, 'pod worker failed');
  });
  const worker: PodWorker = {
    uid: first.metadata.uid,
    slots,
    async dial(port, signal) {
      if (inside === undefined) throw new NetworkError('refused', `port ${port}: the pod does not run`);
      return inside.connect({ host: '127.0.0.1', port }, signal);
    },
    update(now) {
      pod = now;
      if (now.metadata.deletionTimestamp !== undefined) ending.abort();
      for (const slot of slots) followImage(slot, now);
      podChanged.ring();
    },
    report: () => reportWanted.ring(),
    forget() {
      forgotten.abort();
      ending.abort();
    },
    done,
  };
  if (first.metadata.deletionTimestamp !== undefined) ending.abort();
  return worker;
}

/** An edited image restarts its container. */
function followImage(slot: Slot, pod: LivePod): void {
  const spec = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(({ name }) => name === slot.spec.name);
  if (spec === undefined || spec.image === slot.spec.image) return;
  slot.spec = spec;
  // Its own loop sees it end and starts it with the new image.
  const graceMs = (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  slot.stop?.(graceMs, `Container ${spec.name} definition changed, will be restarted`).catch(() => undefined);
}

interface Life {
  readonly pod: () => LivePod;
  readonly ending: AbortSignal;
  readonly forgotten: AbortSignal;
  readonly podChanged: PodContext['podChanged'];
  readonly reportWanted: Bell;
  /** The pod has a network of its own from now on; undefined: no more. */
  readonly reachable: (network: Network | undefined) => void;
}

async function runPod(node: NodeContext, slots: readonly Slot[], life: Life): Promise<void> {
  const first = life.pod();
  const startTime = first.status?.startTime ?? timestamp(node.clock.now());
  const hostname = hostnameOf(life);
  const subdomain = first.spec?.subdomain;
  const ip = node.network.podIp(first.status?.podIP);
  using attachment = node.network.attach({ ip, namespace: first.metadata.namespace, hostname, ...(subdomain === undefined ? {} : { subdomain }) });
  using forwarded = attachment.process();
  life.reachable(forwarded);
  const withAddress = (): LivePod => ({ ...life.pod(), status: { ...life.pod().status, podIP: ip, hostIP: node.hostIp } });
  const slotChanged = bell();
  let over = false;
  let conditions = first.status?.conditions ?? [];
  const status = () => {
    const now = podStatus({ pod: life.pod(), slots, podIp: ip, hostIp: node.hostIp, startTime, over, before: conditions, nowMs: node.clock.now() });
    conditions = now.conditions ?? [];
    return now;
  };
  await using writer = statusWriter(node, first, status);
  const context = (volumes: PodVolumes): PodContext => ({
    node,
    pod: withAddress,
    attachment,
    volumes,
    ending: life.ending,
    podChanged: life.podChanged,
    slotChanged,
    changed() {
      writer.changed();
      slotChanged.ring();
    },
    say(type, reason, message, container) {
      // Of a pod that is gone, or a node that closes, there is nobody left to tell.
      if (!life.forgotten.aborted) say(node, life.pod(), type, reason, message, container);
    },
  });
  const finish = new AbortController();
  // Readiness gates are somebody else's conditions, which change our own Ready.
  const watching = followGates(life, () => writer.changed(), finish.signal);
  const reporting = repeatWhenWanted(life.reportWanted, writer, finish.signal);
  const stopping = stopWhenEnding(slots, node, life, finish.signal);
  writer.changed();
  const volumes = await openWhenThere(node, withAddress, life, context(new Map()));
  if (volumes !== undefined) await runContainers(slots, context(volumes));
  finish.abort();
  await Promise.all([watching, reporting, stopping]);
  life.reachable(undefined);
  over = life.ending.aborted;
  if (life.forgotten.aborted) return;
  writer.changed();
  await writer.settled();
  if (life.ending.aborted) await confirmDeleted(node, life);
}

/** All Secrets, ConfigMaps and claims that the volumes need. Undefined: the pod ended before they were there. */
async function openWhenThere(node: NodeContext, pod: () => LivePod, { ending }: Life, { say: tell }: PodContext): Promise<PodVolumes | undefined> {
  let said = '';
  while (!ending.aborted) {
    try {
      return openVolumes(pod, node);
    } catch (error) {
      if (!(error instanceof MissingConfig)) throw error;
      if (error.message !== said) tell('Warning', 'FailedMount', `MountVolume.SetUp failed: ${error.message}`);
      said = error.message;
      await node.configChanged.next(ending);
    }
  }
  return undefined;
}

/** Init containers one after another, sidecars among them in their place; then the others side by side. */
async function runContainers(slots: readonly Slot[], pod: PodContext): Promise<void> {
  const sidecars: Promise<void>[] = [];
  const policy = pod.pod().spec?.restartPolicy ?? 'Always';
  // Sidecars end with the main containers, also when those end by themselves.
  const mainsDone = new AbortController();
  const sidecarPod: PodContext = { ...pod, ending: AbortSignal.any([pod.ending, mainsDone.signal]) };
  let failed = false;
  for (const slot of slots.filter(({ role }) => role !== 'main')) {
    if (pod.ending.aborted || failed) break;
    if (slot.role === 'sidecar') {
      sidecars.push(keepRunning(slot, sidecarPod));
      await untilStarted(slot, pod);
      continue;
    }
    await keepRunning(slot, pod);
    failed = policy === 'Never' && slot.state.terminated?.exitCode !== 0;
  }
  if (!pod.ending.aborted && !failed) await Promise.all(slots.filter(({ role }) => role === 'main').map((slot) => keepRunning(slot, pod)));
  mainsDone.abort();
  const graceMs = (pod.pod().spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  for (const slot of slots.filter(({ role }) => role === 'sidecar').toReversed()) await slot.stop?.(graceMs, `Stopping container ${slot.spec.name}`);
  await Promise.all(sidecars);
}

async function untilStarted(slot: Slot, pod: PodContext): Promise<void> {
  while (!slot.started && !pod.ending.aborted) await pod.slotChanged.next(pod.ending);
}

/** When the pod is deleted, all its containers are stopped, sidecars after the others; a later, earlier deadline is obeyed. */
async function stopWhenEnding(slots: readonly Slot[], node: NodeContext, life: Life, finished: AbortSignal): Promise<void> {
  await until(life.ending, finished);
  while (!finished.aborted) {
    const running = slots.filter(({ stop }) => stop !== undefined);
    const mains = running.filter(({ role }) => role !== 'sidecar');
    const next = mains.length > 0 ? mains : running;
    const leftMs = life.forgotten.aborted ? 0 : graceLeftMs(life.pod(), node.clock.now());
    // Asked again for the same container, stop() only moves its deadline.
    const stopped = next.map(async (slot) => slot.stop?.(leftMs, `Stopping container ${slot.spec.name}`));
    const news = new AbortController();
    const signal = AbortSignal.any([news.signal, finished]);
    const deadline = Promise.race([life.podChanged.next(signal), life.forgotten.aborted ? until(finished, signal) : until(life.forgotten, signal)]);
    await (next.length === 0 ? until(finished, finished) : Promise.race([Promise.all(stopped), deadline]));
    news.abort();
  }
}

async function until(signal: AbortSignal, or: AbortSignal): Promise<void> {
  const either = AbortSignal.any([signal, or]);
  if (!either.aborted) await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
}

/** What is left of the grace period; the API server has put its end into the deletion timestamp. */
function graceLeftMs({ metadata, spec }: LivePod, nowMs: number): number {
  if (metadata.deletionTimestamp === undefined) return (spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  return Math.max(0, parseTimestamp(metadata.deletionTimestamp) - nowMs);
}

async function followGates(life: Life, changed: () => void, finished: AbortSignal): Promise<void> {
  while (!finished.aborted) {
    await life.podChanged.next(finished);
    if ((life.pod().spec?.readinessGates ?? []).length > 0) changed();
  }
}

async function repeatWhenWanted(wanted: Bell, writer: StatusWriter, finished: AbortSignal): Promise<void> {
  while (!finished.aborted) {
    await wanted.next(finished);
    if (!finished.aborted) writer.repeat();
  }
}

/** Tells the API server that nothing of the pod runs any more: only now may its name be used again. */
async function confirmDeleted(node: NodeContext, life: Life): Promise<void> {
  const { namespace, name, uid } = life.pod().metadata;
  // Ended because the node stops, not because the pod was deleted: it is still ours when the node comes back.
  while (life.pod().metadata.deletionTimestamp !== undefined && !life.forgotten.aborted) {
    try {
      await node.api.delete(Pod, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid }, signal: life.forgotten });
      return;
    } catch (error) {
      if (life.forgotten.aborted || isNotFound(error) || isConflict(error)) return;
      await node.clock.sleep(RETRY_MS, life.forgotten).catch(() => undefined);
    }
  }
}

function slotsOf(pod: LivePod): readonly Slot[] {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const before = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const slot = (spec: Slot['spec'], role: Role): Slot => {
    const was = before.find(({ name }) => name === spec.name);
    const ran = was?.state?.running !== undefined || was?.state?.terminated !== undefined;
    const message = 'The container could not be located when the pod was terminated';
    const end = was?.state?.terminated ?? was?.lastState?.terminated ?? (ran ? { exitCode: 137, reason: 'ContainerStatusUnknown', message } : undefined);
    return {
      spec,
      role,
      state: { waiting: { reason: role === 'main' && initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating' } },
      last: end,
      restarts: (was?.restartCount ?? 0) + (ran ? 1 : 0),
      started: false,
      ready: false,
      log: undefined,
      previousLog: undefined,
      exec: undefined,
      stop: undefined,
    };
  };
  return [...initContainers.map((spec) => slot(spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init')), ...containers.map((spec) => slot(spec, 'main'))];
}

function say(node: NodeContext, pod: LivePod, type: 'Normal' | 'Warning', reason: string, message: string, container: string | undefined): void {
  const init = pod.spec?.initContainers?.some(({ name }) => name === container) === true;
  const fieldPath = container === undefined ? {} : { fieldPath: `spec.${init ? 'initContainers' : 'containers'}{${container}}` };
  node.errands.add(() => record(node, Pod, pod, { type, reason, message, component: 'kubelet', host: node.name, ...fieldPath }));
}

/** Whether a pod that was found bound to this node has to be started at all. */
export function startable(pod: LivePod): boolean {
  return !isTerminal(pod) || pod.metadata.deletionTimestamp !== undefined;
}
