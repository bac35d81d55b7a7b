import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@binnacle/client';
import type { Cluster } from '@binnacle/client';
import { ServiceAccount } from '@binnacle/client/kinds';
import { createApiServer } from '@binnacle/sandbox/parts';
import { eventually } from '../eventually.ts';
import { images, programs } from '../programs.ts';
import { rawDoor } from '../raw.ts';
import type { RunningCluster } from '../target.ts';
import { kubernetesBinary, VERSIONS } from './binary.ts';
import { schedulerConfig } from './control-plane.ts';
import { startServer } from './server-process.ts';
import { NODE, startPods } from './with-nodes.ts';

/** Kinds that the real scheduler does not start without, and that our server does not bring: they come as definitions, and nobody makes any. */
const UNUSED = [
  { kind: 'DeviceClass', plural: 'deviceclasses', scope: 'Cluster' },
  { kind: 'ResourceSlice', plural: 'resourceslices', scope: 'Cluster' },
  { kind: 'ResourceClaim', plural: 'resourceclaims', scope: 'Namespaced' },
  { kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates', scope: 'Namespaced' },
] as const;

async function define(cluster: Cluster): Promise<void> {
  await using door = rawDoor(cluster);
  const group = 'resource.k8s.io';
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  for (const { kind, plural, scope } of UNUSED) {
    const versions = [{ name: 'v1', served: true, storage: true, schema }];
    const metadata = { name: `${plural}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' } };
    const body = { metadata, spec: { group, scope, names: { kind, plural }, versions } };
    const { status, text } = await door.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body });
    if (status !== 201) throw new Error(text);
  }
}

/**
 * The sandbox's API server and node with the real kube-controller-manager and kube-scheduler between them: the most demanding clients there are, in Go and in protobuf.
 * @throws {Error} when it cannot be built or started.
 */
export async function startRealControllersTarget(): Promise<RunningCluster> {
  const clock = systemClock();
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-real-controllers-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const binary = await kubernetesBinary(VERSIONS[0], (line) => void process.stderr.write(`${line}\n`));
  const server = opened.use(await createApiServer({ clock }));
  const { url, ca } = await server.listen();
  const cluster = { server: url, ca, credentials: { type: 'token', token: server.adminToken } } as const;
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  await define(cluster);
  const { api, node } = await startPods(opened, cluster, programs);
  opened.use(server.attachKubelet(NODE, node.kubelet));
  const kubeconfig = file('kubeconfig', server.kubeconfig());
  const scheduling = [`--config=${schedulerConfig(folder, kubeconfig, ['DynamicResources'])}`, '--secure-port=0'];
  const scheduler = opened.use(await startServer(binary, 'kube-scheduler', scheduling, join(folder, 'kube-scheduler.log')));
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    '--secure-port=0',
    '--leader-elect=false',
    // Tokens are signed by the server: the controllers speak as its administrator.
    '--use-service-account-credentials=false',
    `--root-ca-file=${file('ca.crt', ca)}`,
    '--profiling=false',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
  const controllers = opened.use(await startServer(binary, 'kube-controller-manager', flags, join(folder, 'kube-controller-manager.log')));
  const failed = Promise.race([controllers.failed, scheduler.failed]);
  // Looked at below, and at the end.
  failed.catch(() => undefined);
  await Promise.race([failed, eventually('the first ServiceAccount', () => api.get(ServiceAccount, { namespace: 'kube-system', name: 'default' }))]);
  const all = opened.move();
  return {
    cluster,
    features: { controllers: true, node: true, loopback: true, forgets: false },
    images,
    async [Symbol.asyncDispose]() {
      await using _all = all;
      // One that has ended by itself is why something was waited for in vain.
      await Promise.race([failed, Promise.resolve()]);
    },
  };
}
