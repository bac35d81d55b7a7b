import type { DeepReadonly, Live } from '@binnacle/client';
import { timestamp } from '@binnacle/client';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '@binnacle/client/kinds';
import { shortHash } from '../controllers/hash.ts';
import type { Slot } from './slot.ts';

type LivePod = Live<typeof Pod>;

/** What a pod's status follows from. */
export interface Running {
  readonly pod: LivePod;
  readonly slots: readonly Slot[];
  readonly podIp: string;
  readonly hostIp: string;
  readonly startTime: string;
  /** All containers have ended and none will be started again: deleted, or done. */
  readonly over: boolean;
  /** Conditions as they were written last: one that stays keeps its time. */
  readonly before: readonly DeepReadonly<PodCondition>[];
  readonly nowMs: number;
}

/** The pod's status, complete but for what others write into it (their own conditions). */
export function podStatus(running: Running): PodStatus {
  const { pod, slots, podIp, hostIp } = running;
  const statuses = (wanted: (slot: Slot) => boolean) => slots.filter(wanted).map((slot) => containerStatus(pod, slot));
  const init = statuses(({ role }) => role !== 'main');
  return {
    observedGeneration: pod.metadata.generation ?? 0,
    phase: phaseOf(running),
    conditions: conditionsOf(running),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    startTime: running.startTime,
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: statuses(({ role }) => role === 'main'),
  };
}

/** Pending until everything has started once, then Running until all have ended for good. */
export function phaseOf({ pod, slots, over }: Pick<Running, 'pod' | 'slots' | 'over'>): string {
  const main = slots.filter(({ role }) => role === 'main');
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const failedInit = slots.some((slot) => slot.role === 'init' && (slot.state.terminated?.exitCode ?? 0) !== 0);
  const ends = main.map((slot) => slot.state.terminated ?? (over ? slot.last : undefined));
  if (over) return !failedInit && ends.every((end) => end?.exitCode === 0) ? 'Succeeded' : 'Failed';
  if (failedInit && policy === 'Never') return 'Failed';
  if (!initialized(slots)) return 'Pending';
  if (main.some(({ state, last }) => state.waiting !== undefined && last === undefined)) return 'Pending';
  if (policy !== 'Always' && ends.every((end) => end !== undefined)) {
    if (ends.every((end) => end.exitCode === 0)) return 'Succeeded';
    if (policy === 'Never') return 'Failed';
  }
  return 'Running';
}

function initialized(slots: readonly Slot[]): boolean {
  return slots.every(({ role, state, started }) => role === 'main' || (role === 'sidecar' ? started : state.terminated?.exitCode === 0));
}

function conditionsOf(running: Running): readonly PodCondition[] {
  const { pod, slots, before, nowMs } = running;
  const phase = phaseOf(running);
  const unready = slots.filter(({ role, ready }) => role !== 'init' && !ready).map(({ spec }) => spec.name);
  const incomplete = slots.filter((slot) => slot.role !== 'main' && !initialized([slot])).map(({ spec }) => spec.name);
  const containers =
    phase === 'Succeeded'
      ? no('PodCompleted')
      : phase === 'Failed'
        ? no('PodFailed')
        : unready.length > 0
          ? no('ContainersNotReady', `containers with unready status: [${unready.join(' ')}]`)
          : yes;
  const gates = (pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const shut = gates.filter((type) => !(pod.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True'));
  const gated =
    shut.length === 0
      ? yes
      : no('ReadinessGatesNotReady', shut.map((type) => `corresponding condition of pod readiness gate "${type}" does not exist.`).join(', '));
  const wanted: Readonly<Record<string, Condition>> = {
    PodReadyToStartContainers: running.over ? no() : yes,
    Initialized:
      incomplete.length === 0 || phase === 'Succeeded' ? yes : no('ContainersNotInitialized', `containers with incomplete status: [${incomplete.join(' ')}]`),
    Ready: containers === yes ? gated : containers,
    ContainersReady: containers,
    PodScheduled: yes,
  };
  return Object.entries(wanted).map(([type, condition]) => {
    const was = before.find((other) => other.type === type);
    const lastTransitionTime = was?.status === condition.status ? was.lastTransitionTime : undefined;
    return { type, ...condition, lastTransitionTime: lastTransitionTime ?? timestamp(nowMs) };
  });
}

type Condition = Pick<PodCondition, 'status' | 'reason' | 'message'>;
const yes: Condition = { status: 'True' };

function no(reason?: string, message?: string): Condition {
  return { status: 'False', ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

function containerStatus(pod: LivePod, slot: Slot): ContainerStatus {
  const { spec, state, last, restarts, ready, started } = slot;
  const image = spec.image ?? '';
  const ran = state.waiting === undefined || last !== undefined;
  return {
    name: spec.name,
    image,
    imageID: ran ? `binnacle://${image}` : '',
    ...(ran ? { containerID: `binnacle://${shortHash(`${pod.metadata.uid} ${spec.name} ${restarts}`, 32)}` } : {}),
    state,
    lastState: last === undefined || state.terminated === last ? {} : { terminated: last },
    ready: slot.role === 'init' ? state.terminated?.exitCode === 0 : ready,
    restartCount: restarts,
    started: state.running !== undefined && started,
  };
}
