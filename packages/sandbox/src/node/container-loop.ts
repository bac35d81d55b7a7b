import type { ContainerStateTerminated } from '@binnacle/client/kinds';
import { MissingConfig } from './config.ts';
import { imageFor, runOnce } from './container-run.ts';
import type { PodContext } from './context.ts';
import type { Slot } from './slot.ts';

const BACKOFF_FIRST_MS = 10_000;
const BACKOFF_MOST_MS = 300_000;
/** A container that ran this long is forgiven its earlier crashes. */
const BACKOFF_FORGIVEN_MS = 600_000;

/**
 * Keeps a container as its pod's restart policy wants it, until it has ended for good or the pod ends. Images and configuration that are missing are
 * waited for. Its slot says at any time how it stands.
 */
export async function keepRunning(slot: Slot, pod: PodContext): Promise<void> {
  let crashes = 0;
  while (!pod.ending.aborted) {
    const startedMs = pod.node.clock.now();
    const end = await start(slot, pod);
    if (end === undefined) return;
    slot.state = { terminated: end };
    slot.last = end;
    pod.changed();
    if (pod.ending.aborted || !restarts(slot, pod, end)) return;
    crashes = pod.node.clock.now() - startedMs >= BACKOFF_FORGIVEN_MS ? 1 : crashes + 1;
    // The first restart comes at once: many programs crash once because what they need is not there yet.
    if (crashes > 1) await backOff(slot, pod, Math.min(BACKOFF_FIRST_MS * 2 ** (crashes - 2), BACKOFF_MOST_MS));
    if (!pod.ending.aborted) slot.restarts += 1;
  }
}

function restarts(slot: Slot, pod: PodContext, end: ContainerStateTerminated): boolean {
  if (slot.role === 'sidecar') return true;
  const policy = pod.pod().spec?.restartPolicy ?? 'Always';
  if (end.exitCode === 0) return slot.role === 'main' && policy === 'Always';
  return policy !== 'Never';
}

/** One run. Undefined: the pod ended before anything could start. */
async function start(slot: Slot, pod: PodContext): Promise<ContainerStateTerminated | undefined> {
  const image = slot.spec.image ?? '';
  for (let pulls = 0; !pod.ending.aborted; pulls += 1) {
    const found = imageFor(pod.node.images, slot);
    if (found === undefined) {
      await missingImage(slot, pod, pulls);
      continue;
    }
    try {
      pod.say('Normal', 'Pulled', `Container image "${image}" already present on machine`, slot.spec.name);
      const run = runOnce(slot, found, pod);
      // Said only when it did start: runOnce() throws before its first wait when something is missing.
      if (slot.state.running !== undefined) {
        pod.say('Normal', 'Created', `Created container: ${slot.spec.name}`, slot.spec.name);
        pod.say('Normal', 'Started', `Started container ${slot.spec.name}`, slot.spec.name);
      }
      return await run;
    } catch (error) {
      if (!(error instanceof MissingConfig)) throw error;
      await missingConfig(slot, pod, error.message);
    }
  }
  return undefined;
}

/** The same message stays for as long as the same thing is missing: what is asked in vain every few seconds is news only once. */
function waiting(slot: Slot, pod: PodContext, reason: string, message: string): void {
  if (slot.state.waiting?.reason === reason && slot.state.waiting.message === message) return;
  slot.state = { waiting: { reason, message } };
  pod.changed();
}

async function missingImage(slot: Slot, pod: PodContext, pulls: number): Promise<void> {
  const image = slot.spec.image ?? '';
  const message = `no program stands for image "${image}"${slot.spec.command === undefined ? '' : ` with command ${JSON.stringify(slot.spec.command)}`} in this sandbox`;
  waiting(slot, pod, 'ErrImagePull', message);
  if (pulls === 0) pod.say('Warning', 'Failed', `Failed to pull image "${image}": ${message}`, slot.spec.name);
  // Images cannot appear while the sandbox runs; the pod stays, and says why, until somebody changes it.
  await sleep(pod, 1000);
  waiting(slot, pod, 'ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${message}`);
  if (pulls === 0) pod.say('Normal', 'BackOff', `Back-off pulling image "${image}"`, slot.spec.name);
  await untilImageChanges(slot, pod, image);
}

/** `spec.containers[].image` is one of the few fields of a pod that may be edited. */
async function untilImageChanges(slot: Slot, pod: PodContext, image: string): Promise<void> {
  while (!pod.ending.aborted && slot.spec.image === image) await pod.podChanged.next(pod.ending);
}

async function missingConfig(slot: Slot, pod: PodContext, message: string): Promise<void> {
  if (slot.state.waiting?.message !== message) pod.say('Warning', 'Failed', `Error: ${message}`, slot.spec.name);
  waiting(slot, pod, 'CreateContainerConfigError', message);
  await pod.node.configChanged.next(pod.ending);
}

async function backOff(slot: Slot, pod: PodContext, ms: number): Promise<void> {
  const { namespace, name, uid } = pod.pod().metadata;
  const of = `restarting failed container=${slot.spec.name} pod=${name}_${namespace}(${uid})`;
  waiting(slot, pod, 'CrashLoopBackOff', `back-off ${words(ms)} ${of}`);
  pod.say('Warning', 'BackOff', `Back-off ${of}`, slot.spec.name);
  await sleep(pod, ms);
}

/** As Go prints durations. */
function words(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

async function sleep(pod: PodContext, ms: number): Promise<void> {
  await pod.node.clock.sleep(ms, pod.ending).catch(() => undefined);
}
