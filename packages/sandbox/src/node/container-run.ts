import type { ContainerStateTerminated } from '@binnacle/client/kinds';
import { timestamp } from '@binnacle/client';
import type { Container, Image } from '../program.ts';
import type { ActionWorld } from './action.ts';
import { perform } from './action.ts';
import type { PodContext } from './context.ts';
import { environment, expand } from './env.ts';
import { everywhere, NOT_HERE } from './everywhere.ts';
import { logRing } from './log-ring.ts';
import type { LogRing } from './log-ring.ts';
import { mortalClock } from './mortal-clock.ts';
import { mount } from './mounts.ts';
import { probe } from './probes.ts';
import type { Slot } from './slot.ts';

const SIGKILL_EXIT = 137;
const SIGTERM_EXIT = 143;
/** After a preStop hook that used up the grace period a process still gets this long, as on a real node; ms. */
const LEAST_AFTER_HOOK_MS = 2000;

/** The image whose program stands for a container, or undefined. */
export function imageFor(images: readonly Image[], slot: Slot): Image | undefined {
  const { image = '', command = [], args = [] } = slot.spec;
  return images.find((candidate) => candidate.image.test(image) && candidate.when?.({ command, args }) !== false);
}

/**
 * Runs a container once: from its start to its end, with its hooks and probes. Resolves when the program has returned or was killed.
 * @throws {MissingConfig} before anything has started.
 */
export async function runOnce(slot: Slot, image: Image, pod: PodContext): Promise<ContainerStateTerminated> {
  const { clock } = pod.node;
  const env = environment(pod.pod(), slot.spec, pod.node.config);
  const killed = new AbortController();
  const terminated = new AbortController();
  const ended = new AbortController();
  const files = mount(slot.spec, pod.volumes, env, () => ended.signal.aborted);
  const log = logRing(clock);
  using network = pod.attachment.process();
  slot.previousLog = slot.log;
  slot.log = log;
  const container: Container = {
    get pod() {
      return pod.pod();
    },
    name: slot.spec.name,
    image: slot.spec.image ?? '',
    command: (slot.spec.command ?? []).map((word) => expand(word, env)),
    args: (slot.spec.args ?? []).map((word) => expand(word, env)),
    env,
    hostname: hostnameOf(pod),
    ip: pod.attachment.ip,
    clock: mortalClock(clock, killed.signal),
    signal: terminated.signal,
    network,
    ...files,
    log: (line) => log.write(line),
  };
  const startedAt = timestamp(clock.now());
  slot.state = { running: { startedAt } };
  const exec = async (command: readonly string[]) =>
    (await everywhere(container, command)) ?? (await image.exec?.(container, command)) ?? { exitCode: 127, output: `${command[0] ?? ''}: ${NOT_HERE}\n` };
  slot.exec = exec;
  const program = run(image, container, killed.signal, terminated.signal);
  // From inside the pod: a network cut off from its neighbours does not part a node from its own pods.
  const world: ActionWorld = { clock, network, podIp: pod.attachment.ip, container: slot.spec, exec };
  const watching = accompany(slot, pod, world, AbortSignal.any([ended.signal, terminated.signal, pod.ending]));
  slot.stop = stopper(slot, pod, world, { killed, terminated, ended: ended.signal });
  pod.changed();
  const exitCode = await program;
  ended.abort();
  // A program that returned by itself may have left timers behind; a process that ended has none.
  killed.abort(new DOMException('the process has ended', 'AbortError'));
  log.end();
  slot.exec = undefined;
  slot.stop = undefined;
  slot.ready = false;
  slot.started = false;
  await watching;
  const message = exitCode === 0 || slot.spec.terminationMessagePolicy !== 'FallbackToLogsOnError' ? '' : await lastWords(log);
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...(message === '' ? {} : { message }), startedAt, finishedAt: timestamp(clock.now()) };
}

/** The end of a log as a kubelet keeps it for a container that failed: 80 lines and 2048 bytes at most. Source: pkg/kubelet/container, MaxContainerTerminationMessageLog…. */
async function lastWords(log: LogRing): Promise<string> {
  const lines: string[] = [];
  for await (const line of log.read({ follow: false, tailLines: 80, since: undefined, timestamps: false, signal: new AbortController().signal }))
    lines.push(line);
  return Buffer.from(lines.join('\n')).subarray(-2048).toString();
}

/** The program's exit code; a killed one is not waited for. */
async function run(image: Image, container: Container, killed: AbortSignal, terminated: AbortSignal): Promise<number> {
  const program = async () => {
    try {
      return await image.program(container);
    } catch (error) {
      if (killed.aborted) return SIGKILL_EXIT;
      // What a program that knows nothing of signals does when it is told to end.
      if (terminated.aborted && error === terminated.reason) return SIGTERM_EXIT;
      container.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return 1;
    }
  };
  return Promise.race([program(), new Promise<number>((resolve) => killed.addEventListener('abort', () => resolve(SIGKILL_EXIT), { once: true }))]);
}

/** postStart, then the probes, until the container ends or is being stopped. */
async function accompany(slot: Slot, pod: PodContext, world: ActionWorld, until: AbortSignal): Promise<void> {
  const graceMs = (pod.pod().spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  // A stop that this asks for ends with the container, and so does our waiting for it.
  let stopping: Promise<void> | undefined;
  const { postStart } = slot.spec.lifecycle ?? {};
  // The program starts first: on a real node too, nothing says which of the two is faster.
  await Promise.resolve();
  if (postStart !== undefined) {
    const failure = await perform(postStart, world, graceMs, until);
    if (failure !== undefined && !until.aborted) {
      pod.say('Warning', 'FailedPostStartHook', `PostStartHook failed: ${failure}`, slot.spec.name);
      await slot.stop?.(graceMs, 'FailedPostStartHook');
      return;
    }
  }
  const set = (change: () => void) => {
    if (until.aborted) return;
    change();
    pod.changed();
  };
  await probe(
    slot.spec,
    world,
    {
      started: () => set(() => (slot.started = true)),
      ready: (is) => {
        if (slot.ready !== is) set(() => (slot.ready = is));
      },
      unhealthy: (message) => pod.say('Warning', 'Unhealthy', message, slot.spec.name),
      dead(which, graceSeconds) {
        stopping = slot.stop?.(
          graceSeconds === undefined ? graceMs : graceSeconds * 1000,
          `Container ${slot.spec.name} failed ${which} probe, will be restarted`,
        );
      },
    },
    until,
  );
  await stopping;
}

/** preStop, SIGTERM, and SIGKILL when the grace period is over. A second call can only shorten it. */
function stopper(
  slot: Slot,
  pod: PodContext,
  world: ActionWorld,
  signals: { readonly killed: AbortController; readonly terminated: AbortController; readonly ended: AbortSignal },
): (graceMs: number, message: string) => Promise<void> {
  const { killed, terminated, ended } = signals;
  const { clock } = pod.node;
  const kill = () => killed.abort(new DOMException('killed', 'AbortError'));
  const finished = new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve(), { once: true }));
  let stopping = false;
  return async (graceMs, message) => {
    const deadline = clock.now() + graceMs;
    using _kill = clock.timer(graceMs, kill);
    // At once, not after a timer of no time: a node that is closed does not wait for a clock.
    if (graceMs <= 0) kill();
    if (stopping) return await finished;
    stopping = true;
    pod.say('Normal', 'Killing', message, slot.spec.name);
    const { preStop } = slot.spec.lifecycle ?? {};
    if (preStop !== undefined && graceMs > 0) {
      const failure = await perform(preStop, world, graceMs, ended);
      if (failure !== undefined && !ended.aborted) pod.say('Warning', 'FailedPreStopHook', `PreStopHook failed: ${failure}`, slot.spec.name);
    }
    if (preStop !== undefined && deadline - clock.now() < LEAST_AFTER_HOOK_MS) {
      _kill[Symbol.dispose]();
      using _late = clock.timer(LEAST_AFTER_HOOK_MS, kill);
      terminated.abort();
      return await finished;
    }
    terminated.abort();
    await finished;
  };
}

/** `spec.hostname`, or the pod's name: what `hostname` says in it. */
export function hostnameOf(pod: Pick<PodContext, 'pod'>): string {
  const { spec, metadata } = pod.pod();
  return spec?.hostname === undefined || spec.hostname === '' ? metadata.name : spec.hostname;
}
