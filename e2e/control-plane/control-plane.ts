import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@binnacle/testing';
import { connect, systemClock, undiciTransport } from '@binnacle/client';
import type { Api, Cluster } from '@binnacle/client';
import { Namespace, Service, ServiceAccount } from '@binnacle/client/kinds';
import { eventually } from '../eventually.ts';
import { rawDoor } from '../raw.ts';
import type { RawDoor } from '../raw.ts';
import { auditPolicy } from './audit.ts';
import { isAlive } from '../go.ts';
import { kubernetesBinary, VERSIONS } from './binary.ts';
import type { Version } from './binary.ts';
import { identities } from './identities.ts';
import type { Identities, Identity } from './identities.ts';
import { startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

/** Real etcd and kube-apiserver on loopback, and what of the rest was asked for. Closing it ends them; so does the end of this process, of whatever kind. */
export interface ControlPlane extends AsyncDisposable {
  readonly version: Version;
  /** As its administrator. */
  readonly cluster: Cluster;
  as(user: Identity): Cluster;
  /** File of audit events, one a line, written before each answer is sent. */
  readonly auditLog: string;
  readonly pids: readonly number[];
  /** Rejects when one of its servers ends by itself, with the end of that one's log. */
  readonly failed: Promise<never>;
}

export interface ControlPlaneOptions {
  readonly version?: Version;
  /** The real kube-controller-manager. Default: yes. */
  readonly controllers?: boolean;
  /** The real kube-scheduler. Default: yes. */
  readonly scheduler?: boolean;
  readonly say?: (line: string) => void;
}

const PREFIX = 'binnacle-control-plane-';
/** Two of them start at once, on a machine that has other work. */
const READY_WITHIN_MS = 300_000;
const ANSWERS_WITHIN_MS = 5_000;
const STARTS = 3;

/** Starts a control plane with an authority, identities and data of its own. Ready when its API server is, with the namespace `default` and its account. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const version = options.version ?? VERSIONS[0];
  const binary = await kubernetesBinary(version, options.say);
  for (let left = STARTS - 1; ; left -= 1) {
    try {
      return await start(binary, version, options);
    } catch (error) {
      // Somebody else was faster at one of the ports.
      if (left === 0 || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function start(binary: string, version: Version, { controllers = true, scheduler = true }: ControlPlaneOptions): Promise<ControlPlane> {
  await using opened = new AsyncDisposableStack();
  const folder = runFolder();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [etcdPort, peerPort, apiPort] = (await freePorts(3)) as [number, number, number];
  const ids = identities(folder, `https://127.0.0.1:${apiPort}`);
  const auditLog = join(folder, 'audit.log');
  const servers: ServerProcess[] = [];
  const run = async (name: string, args: readonly string[]) => {
    const started = opened.use(await startServer(binary, name, args, join(folder, `${name}.log`)));
    servers.push(started);
    return started;
  };
  const etcd = await run('etcd', etcdFlags(folder, etcdPort, peerPort));
  // The API server ends by itself when etcd does not answer it within some twenty seconds.
  await Promise.race([etcd.failed, eventually('etcd is healthy', () => isHealthy(etcdPort), READY_WITHIN_MS)]);
  const apiServer = await run('kube-apiserver', apiServerFlags(folder, ids, { etcdPort, apiPort, auditLog }));
  const cluster = ids.cluster('admin');
  const api = opened.use(connect({ clock: systemClock(), userAgent: 'e2e', transport: undiciTransport(cluster) }));
  const door = opened.use(rawDoor(cluster));
  await Promise.race([etcd.failed, apiServer.failed, ready(api, door)]);
  if (controllers) await run('kube-controller-manager', controllerFlags(ids));
  if (scheduler) await run('kube-scheduler', schedulerFlags(folder, ids));
  const failed = Promise.race(servers.map((server) => server.failed));
  // Somebody may look later, or never.
  failed.catch(() => undefined);
  if (controllers)
    await Promise.race([failed, eventually('the first ServiceAccount', () => api.get(ServiceAccount, { namespace: 'default', name: 'default' }))]);
  const all = opened.move();
  return {
    version,
    cluster,
    as: (user) => ids.cluster(user),
    auditLog,
    pids: servers.map(({ pid }) => pid),
    failed,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function ready(api: Api, door: RawDoor): Promise<void> {
  await eventually('the API server is ready', async () => (await door.ask('GET', '/readyz')).status === 200, READY_WITHIN_MS);
  await eventually('there is a namespace', () => api.get(Namespace, { name: 'default' }));
  // The API server makes it itself: from then on it has addresses to give to others.
  await eventually('there is a Service', () => api.get(Service, { namespace: 'default', name: 'kubernetes' }));
}

async function isHealthy(etcdPort: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${etcdPort}/health`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  return answer.ok && ((await answer.json()) as { readonly health?: string }).health === 'true';
}

/** A new folder, and the end of those whose process was killed before it could clean up. */
function runFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : 0;
    if (pid > 0 && !isAlive(pid)) sweep(join(tmpdir(), name));
  }
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Another run may be at it too, or a server still be writing that is about to see that its parent is gone: then the next run does it. */
function sweep(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    return;
  }
}

function etcdFlags(folder: string, client: number, peer: number): readonly string[] {
  const urls = (port: number) => `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${urls(client)}`,
    `--advertise-client-urls=${urls(client)}`,
    `--listen-peer-urls=${urls(peer)}`,
    `--initial-advertise-peer-urls=${urls(peer)}`,
    `--initial-cluster=default=${urls(peer)}`,
    // Nothing here outlives the run.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiServerFlags(
  folder: string,
  ids: Identities,
  at: { readonly etcdPort: number; readonly apiPort: number; readonly auditLog: string },
): readonly string[] {
  const policy = join(folder, 'audit.yaml');
  writeFileSync(policy, auditPolicy);
  return [
    `--etcd-servers=http://127.0.0.1:${at.etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${at.apiPort}`,
    // Looked up among the machine's routes otherwise, which there may be none of; used for the Service `kubernetes` alone, which is left empty.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${ids.serving.certificate}`,
    `--tls-private-key-file=${ids.serving.key}`,
    `--token-auth-file=${ids.tokens}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${ids.accountKey}`,
    `--service-account-signing-key-file=${ids.accountKey}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
    // So that the rights which owner references need are needed.
    '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
    '--profiling=false',
    `--audit-policy-file=${policy}`,
    `--audit-log-path=${at.auditLog}`,
    '--audit-log-mode=blocking',
  ];
}

function controllerFlags(ids: Identities): readonly string[] {
  return [
    `--kubeconfig=${ids.kubeconfig('kube-controller-manager')}`,
    // Nobody asks it for anything: no port.
    '--secure-port=0',
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${ids.accountKey}`,
    `--root-ca-file=${ids.ca}`,
    '--profiling=false',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

function schedulerFlags(folder: string, ids: Identities): readonly string[] {
  return [`--config=${schedulerConfig(folder, ids.kubeconfig('kube-scheduler'))}`, '--secure-port=0'];
}

/** Path of a configuration for the real scheduler, written to `folder`. `without`: plugins that are turned off. */
export function schedulerConfig(folder: string, kubeconfig: string, without: readonly string[] = []): string {
  const config = join(folder, 'scheduler.yaml');
  const clientConnection = { kubeconfig, qps: 200, burst: 400 };
  const content = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    leaderElection: { leaderElect: false },
    clientConnection,
    profiles: [{ schedulerName: 'default-scheduler', plugins: { multiPoint: { disabled: without.map((name) => ({ name })) } } }],
  };
  writeFileSync(config, JSON.stringify(content));
  return config;
}
