import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { connect, isNotFound, systemClock, undiciTransport } from '@binnacle/client';
import type { Api, Cluster } from '@binnacle/client';
import { ConfigMap, Namespace, ServiceAccount } from '@binnacle/client/kinds';
import { startRealControllersTarget } from './control-plane/real-controllers.ts';
import { startControlPlaneTarget } from './control-plane/target.ts';
import { eventually } from './eventually.ts';
import { kubeconfigYaml } from './kubeconfig.ts';
import { startOwnCluster } from './own-cluster.ts';
import { rawDoor } from './raw.ts';
import type { RawDoor } from './raw.ts';
import { startSandboxTarget } from './sandbox.ts';

/** What of a whole cluster a target has beside its API server. A test that needs one says so with `needs()`. */
export interface Features {
  /** The controllers of Kubernetes: garbage collection, StatefulSet, Deployment, Job … */
  readonly controllers: boolean;
  /** A node that runs pods. */
  readonly node: boolean;
  /** The API server reaches what a test serves on 127.0.0.1: webhooks by URL. */
  readonly loopback: boolean;
  /** Old versions are forgotten after a thousand changes. A real server does it by the clock, which no test waits for. */
  readonly forgets: boolean;
}

/** Images with which pods behave as said, by whatever means: programs of the sandbox, our node at a real API server, or containers. All run without a command. */
export interface Images {
  /** Runs until it is told to end, then ends within a second. */
  readonly sleeper: string;
  /** The same, under another name: for rollouts. */
  readonly sleeper2: string;
  /** Ends at once, well. */
  readonly succeeds: string;
  /** Ends at once, with exit code 1. */
  readonly fails: string;
  /** Can never be pulled. */
  readonly missing: string;
}

/** A cluster that runs, as an implementation hands it over. Closing it ends it. */
export interface RunningCluster extends AsyncDisposable {
  /** Where it is, with the credentials of an administrator (a member of `system:masters`). */
  readonly cluster: Cluster;
  readonly features: Features;
  readonly images: Images;
}

/** A cluster under test and the ways to it, all as its administrator: the same for every implementation, so that a test cannot tell which it has. */
export interface Target extends AsyncDisposable, RawDoor {
  readonly name: TargetName;
  readonly features: Features;
  readonly images: Images;
  readonly cluster: Cluster;
  readonly api: Api;
  /** Path of a kubeconfig, for real tools. */
  readonly kubeconfig: string;
  /** A new namespace, ready for pods, with all that controllers put in it. Closing it asks for its deletion and does not wait for it. */
  namespace(): Promise<TestNamespace>;
}

export interface TestNamespace extends AsyncDisposable {
  readonly name: string;
  /** `/api/v1/namespaces/<name>/<plural>`, or of a group: `apps/v1`. */
  path(plural: string, groupVersion?: string): string;
}

/** Every implementation, by what the environment variable TARGET says. */
const TARGETS = {
  sandbox: () => startSandboxTarget(),
  'control-plane': startControlPlaneTarget,
  'real-controllers': startRealControllersTarget,
  kubeconfig: startOwnCluster,
} as const satisfies Readonly<Record<string, () => Promise<RunningCluster>>>;

export type TargetName = keyof typeof TARGETS;

/**
 * The target of this run, for all tests of one file; it ends with them. Chosen by the environment variable TARGET; without one it is the sandbox.
 * @throws {Error} when there is no such target.
 */
export async function openTarget(): Promise<Target> {
  const name = process.env['TARGET'] ?? 'sandbox';
  if (!(name in TARGETS)) throw new Error(`TARGET=${name}: there is ${Object.keys(TARGETS).join(', ')}`);
  const target = await targetOf(name as TargetName, await TARGETS[name as TargetName]());
  after(() => target[Symbol.asyncDispose]());
  return target;
}

/** Options of a test that only makes sense with these features: where one is missing the test is passed over, and says why. */
export function needs(target: Target, ...features: readonly (keyof Features)[]): { readonly skip: string | false } {
  const missing = features.filter((feature) => !target.features[feature]);
  return { skip: missing.length === 0 ? false : `${target.name} has no ${missing.join(', no ')}` };
}

/** The ways to a cluster that runs; closing them ends it. */
export async function targetOf(name: TargetName, running: RunningCluster): Promise<Target> {
  await using opened = new AsyncDisposableStack();
  opened.use(running);
  const { cluster, features, images } = running;
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-target-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigYaml(cluster), { mode: 0o600 });
  const clock = systemClock();
  const api = opened.use(connect({ clock, userAgent: 'conformance', transport: undiciTransport(cluster) }));
  const raw = opened.use(rawDoor(cluster));
  const all = opened.move();
  return {
    name,
    features,
    images,
    cluster,
    api,
    kubeconfig,
    ask: (method, path, options) => raw.ask(method, path, options),
    watch: (path, options) => raw.watch(path, options),
    namespace: () => namespace(api, features),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function namespace(api: Api, features: Features): Promise<TestNamespace> {
  const name = `case-${randomUUID().slice(0, 8)}`;
  await api.create(Namespace, { metadata: { name } });
  // Pods are refused before their namespace has its account. What controllers make of a new namespace comes at any time: whoever watches its ConfigMaps, or counts what a webhook is
  // asked about them, would meet it in the middle.
  if (!features.controllers) await api.create(ServiceAccount, { metadata: { namespace: name, name: 'default' } });
  else {
    await eventually(`the default ServiceAccount of ${name}`, () => api.get(ServiceAccount, { namespace: name, name: 'default' }));
    await eventually(`the cluster's authority in ${name}`, () => api.get(ConfigMap, { namespace: name, name: 'kube-root-ca.crt' }));
  }
  return {
    name,
    path: (plural, groupVersion = 'v1') => `${groupVersion.includes('/') ? '/apis' : '/api'}/${groupVersion}/namespaces/${name}/${plural}`,
    async [Symbol.asyncDispose]() {
      try {
        await api.delete(Namespace, { name });
      } catch (error) {
        // A test of how a namespace goes has deleted it itself.
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
