import type { Api, Clock, Live } from '@binnacle/client';
import { isAlreadyExists, timestamp } from '@binnacle/client';
import { ConfigMap, Node, PersistentVolume, PersistentVolumeClaim, Pod, Secret, Service, StorageClass } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import { same } from '../controllers/hash.ts';
import { isTerminal } from '../controllers/pod.ts';
import type { Kubelet } from '../kubelet.ts';
import { follow } from '../network/follow.ts';
import type { SandboxNetwork } from '../network/index.ts';
import type { Image } from '../program.ts';
import { bell } from './bell.ts';
import type { NodeContext } from './context.ts';
import { errands } from './errands.ts';
import { forgetHeartbeat, heartbeat } from './heartbeat.ts';
import { kubelet } from './kubelet.ts';
import type { PodWorker } from './pod-worker.ts';
import { startPod, startable } from './pod-worker.ts';
import { scheduler } from './scheduler.ts';
import type { Volumes } from './volumes.ts';
import { memoryVolumes } from './volumes.ts';

/** What a node is started with. */
export interface NodeOptions {
  readonly name: string;
  readonly api: Api;
  readonly clock: Clock;
  readonly network: SandboxNetwork;
  /** Which program each image stands for; the first that matches. */
  readonly images: readonly Image[];
  readonly log: Logger;
  /** Where claims' data lives. Default: in memory, as long as the node. */
  readonly volumes?: Volumes;
  /** Labels besides the usual ones, e.g. a zone. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How much room it has, e.g. `{ cpu: '4', memory: '16Gi' }`. Default: more than anybody asks for, since no program here takes what it asks for. */
  readonly allocatable?: Readonly<Record<string, string>>;
  /** Several nodes need several. Default 10.0.0.1. */
  readonly hostIp?: string;
  /** Whether it binds pending pods. Default: yes; no where another scheduler does. */
  readonly schedules?: boolean;
  /**
   * Whether it renews a Lease as a kubelet does, every 10 s. Then it is missed when it stops: NotReady after 40 s, its pods evicted when they tolerate it no longer. Default: no, as for
   * a node that ends with its API server; Kubernetes' own controllers take a node without one for dead.
   */
  readonly heartbeat?: boolean;
}

/** A running node. Closing it kills its containers and leaves their pods as they are: a node of the same name takes them over. */
export interface SandboxNode extends AsyncDisposable {
  readonly kubelet: Kubelet;
}

/**
 * A scheduler and a kubelet in one: registers the node, binds pending pods to it (unless told not to) and runs what is bound. Speaks to the API server through `api` alone.
 * Ready when the node is registered and everything it reads was read once. @throws {ApiError} when the node cannot be registered.
 */
export async function startNode(options: NodeOptions): Promise<SandboxNode> {
  const { name, api, clock, log, network, images, hostIp = '10.0.0.1', volumes = memoryVolumes() } = options;
  await register(options, hostIp);
  const world = { api, clock, log };
  const workers = new Map<string, PodWorker>();
  const configChanged = bell();
  const closing: { now: boolean } = { now: false };
  await using opened = new AsyncDisposableStack();
  if (options.heartbeat !== true) await forgetHeartbeat(api, name);
  const beating = options.heartbeat === true ? opened.use(heartbeat(options)) : undefined;
  const chores = opened.use(errands((error) => log.error({ error: String(error) }, 'errand failed')));
  let wake = () => undefined as void;
  const reschedule = () => wake();
  const configuration = () => configChanged.ring();
  const both = () => {
    configuration();
    reschedule();
  };
  const configMaps = opened.use(follow({ ...world, kind: ConfigMap, changed: configuration }));
  const secrets = opened.use(follow({ ...world, kind: Secret, changed: configuration }));
  const claims = opened.use(follow({ ...world, kind: PersistentVolumeClaim, changed: both }));
  const services = opened.use(follow({ ...world, kind: Service }));
  const classes = opened.use(follow({ ...world, kind: StorageClass, changed: reschedule }));
  const report = async () => {
    // First that we live: else we would be taken for dead again.
    await beating?.beat();
    await reportReady(options, hostIp);
    for (const worker of workers.values()) worker.report();
  };
  const nodes = opened.use(
    follow({
      ...world,
      kind: Node,
      changed(now) {
        reschedule();
        if (
          now?.metadata.name === name &&
          now.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown') === true &&
          !closing.now
        )
          chores.add(report);
      },
    }),
  );
  const dropped = (now: Live<typeof PersistentVolume> | undefined, before: Live<typeof PersistentVolume> | undefined) => {
    // A volume that appears may be the one that a pod waits for.
    if (before === undefined) reschedule();
    if (now === undefined && before !== undefined) volumes.drop(before.metadata.name);
  };
  const data = opened.use(follow({ ...world, kind: PersistentVolume, changed: dropped }));
  await Promise.all([configMaps, secrets, claims, services, classes, nodes, data].map(({ synced }) => synced));
  const node: NodeContext = {
    ...world,
    name,
    hostIp,
    network,
    images,
    configChanged,
    volumes,
    hostPaths: memoryVolumes(),
    errands: chores,
    config: {
      configMap: (namespace, configMap) => configMaps.get(`${namespace}/${configMap}`),
      secret: (namespace, secret) => secrets.get(`${namespace}/${secret}`),
      claim: (namespace, claim) => claims.get(`${namespace}/${claim}`),
      services: () => services.values(),
    },
  };
  const pods = opened.use(
    follow({
      ...world,
      kind: Pod,
      changed(now, before) {
        if (closing.now) return;
        dispatch(node, workers, now, before);
        // A pod that leaves or ends makes room; one that was bound, or has other labels, may be whom another waits for.
        if (now === undefined || concernsOthers(now, before)) reschedule();
      },
    }),
  );
  await pods.synced;
  if (options.schedules ?? true) {
    const scheduling = opened.use(scheduler(node, { nodes, pods, claims, volumes: data, classes }));
    wake = () => scheduling.changed();
  }
  const stop = opened.move();
  return {
    kubelet: kubelet(workers, node, (ref) => pods.get(`${ref.namespace}/${ref.name}`)),
    async [Symbol.asyncDispose]() {
      closing.now = true;
      for (const worker of workers.values()) worker.forget();
      await Promise.all([...workers.values()].map((worker) => worker.done));
      await stop[Symbol.asyncDispose]();
    },
  };
}

/** Whether a change of a pod may let another one be scheduled, or itself. Most changes are of its status, and do not. */
function concernsOthers(now: Live<typeof Pod>, before: Live<typeof Pod> | undefined): boolean {
  return (now.spec?.nodeName ?? '') === '' || (before?.spec?.nodeName ?? '') === '' || isTerminal(now) || !same(now.metadata.labels, before?.metadata.labels);
}

/** A pod has come, changed or gone: its worker hears of it. Keyed by UID, since a successor of the same name may come before the end is seen. */
function dispatch(node: NodeContext, workers: Map<string, PodWorker>, now: Live<typeof Pod> | undefined, before: Live<typeof Pod> | undefined): void {
  if (now === undefined) {
    const uid = before?.metadata.uid ?? '';
    workers.get(uid)?.forget();
    workers.delete(uid);
    return;
  }
  if (now.spec?.nodeName !== node.name) return;
  const known = workers.get(now.metadata.uid);
  if (known !== undefined) known.update(now);
  else if (startable(now)) workers.set(now.metadata.uid, startPod(node, now));
}

async function register(options: NodeOptions, hostIp: string): Promise<void> {
  const { api, name, labels } = options;
  const object = {
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', ...labels },
    },
    spec: {},
  };
  try {
    await api.create(Node, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await api.patch(Node, { name }, { type: 'merge', body: { metadata: { labels: object.metadata.labels } } });
  }
  await reportReady(options, hostIp);
}

/** Says that the node is ready, and what it has. */
async function reportReady({ api, name, clock, allocatable }: NodeOptions, hostIp: string): Promise<void> {
  const room = { cpu: '4k', memory: '16Ti', pods: '10k', 'ephemeral-storage': '1Pi', ...allocatable };
  const since = timestamp(clock.now());
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'the sandbox is running',
    lastTransitionTime: since,
    lastHeartbeatTime: since,
  };
  const status = {
    capacity: room,
    allocatable: room,
    conditions: [ready],
    addresses: [
      { type: 'InternalIP', address: hostIp },
      { type: 'Hostname', address: name },
    ],
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      osImage: 'Binnacle sandbox',
      containerRuntimeVersion: 'binnacle://1',
      kubeletVersion: 'v1.36.0',
      kubeProxyVersion: 'v1.36.0',
      kernelVersion: 'none',
      machineID: name,
      systemUUID: name,
      bootID: name,
    },
  };
  await api.patch(Node, { name }, { type: 'merge', body: { status } }, { subresource: 'status' });
}
