import { connect, systemClock, undiciTransport } from '@binnacle/client';
import type { Api } from '@binnacle/client';
import { Namespace } from '@binnacle/client/kinds';
import { runOperator, silentLogger } from '@binnacle/runtime';
import type { Manager, RbacObject } from '@binnacle/runtime';
import { install, rbacManifests, SYSTEM_NAMESPACE, webhookManifestsOf } from '../../apps/binnacle/src/install.ts';
import { entries } from '../../apps/binnacle/src/operators.ts';
import type { Entry, OperatorName } from '../../apps/binnacle/src/operators.ts';
import type { Cluster } from './with-nodes.ts';

/** An operator that runs here against a real API server, with the rights of its own ServiceAccount and none besides. */
export interface RunningOperator extends AsyncDisposable {
  readonly entry: Entry;
  /** As the audit log names it. */
  readonly user: string;
  readonly rbac: readonly RbacObject[];
  /** No pass is under way and none is due. */
  readonly idle: boolean;
}

const LOOPBACK = '127.0.0.1';
const TOKEN_SECONDS = 3600;

/** Installs an operator from its generated manifests and runs it with a Lease and a webhook, as two replicas in a cluster would. Ready when its caches are. */
export async function startOperator(cluster: Cluster, name: OperatorName): Promise<RunningOperator> {
  const clock = systemClock();
  const log = silentLogger;
  const { api, network } = cluster;
  const [entry] = entries([name]) as readonly [Entry];
  const operator = entry.create({ network, clock, log });
  const account = await install(api, entry, operator);
  const token = await tokenOf(api, account);
  const transport = undiciTransport({ ...cluster.cluster, credentials: { type: 'token', token } }, { clock });
  const own = connect({ clock, userAgent: `binnacle-${name}`, transport });
  const stop = new AbortController();
  const started = Promise.withResolvers<Manager>();
  const running = runOperator(operator, {
    api: own,
    clock,
    log,
    namespaces: 'all',
    leaderElection: { namespace: SYSTEM_NAMESPACE, identity: `${name}-e2e` },
    signal: stop.signal,
    webhook: { port: 0, host: LOOPBACK, namespace: SYSTEM_NAMESPACE, reach: { host: LOOPBACK } },
    started: started.resolve,
  });
  const manager = await started.promise;
  await Promise.race([manager.synced(), running]);
  return {
    entry,
    user: `system:serviceaccount:${SYSTEM_NAMESPACE}:${account}`,
    rbac: [...rbacManifests(entry, operator), ...webhookManifestsOf(entry, operator)] as unknown as readonly RbacObject[],
    get idle() {
      return manager.idle;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await own[Symbol.asyncDispose]();
    },
  };
}

/** A token as the kubelet would ask for it. */
async function tokenOf(api: Api, account: string): Promise<string> {
  const answer = (await api.raw({
    method: 'POST',
    path: `/api/v1/namespaces/${SYSTEM_NAMESPACE}/serviceaccounts/${account}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: TOKEN_SECONDS } },
  })) as { readonly status: { readonly token: string } };
  return answer.status.token;
}

/** A namespace that is held to a Pod Security level. */
export async function guardedNamespace(api: Api, name: string, level: 'privileged' | 'baseline' | 'restricted'): Promise<void> {
  const namespace = { metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': level, 'pod-security.kubernetes.io/warn': level } } };
  await api.create(Namespace, namespace);
}
