import { connect, systemClock, undiciTransport } from '@binnacle/client';
import type { AnyKind, Api } from '@binnacle/client';
import * as kinds from '@binnacle/client/kinds';
import { runOperator, silentLogger } from '@binnacle/runtime';
import type { Cache, Manager, RbacObject } from '@binnacle/runtime';
import { install, rbacManifests, SYSTEM_NAMESPACE, webhookManifestsOf } from '../../apps/binnacle/src/install.ts';
import { entries } from '../../apps/binnacle/src/operators.ts';
import type { Entry, OperatorName } from '../../apps/binnacle/src/operators.ts';
import { eventually } from '../eventually.ts';
import { rulesOf } from './rights.ts';
import type { Cluster } from './with-nodes.ts';

/** An operator that runs here against a real API server, with the rights of its own ServiceAccount and none besides. */
export interface RunningOperator extends AsyncDisposable {
  readonly entry: Entry;
  /** As the audit log names it. */
  readonly user: string;
  readonly rbac: readonly RbacObject[];
  /** ms since 1970: what its account asked for before was another's. */
  readonly startedAtMs: number;
  /** No pass is under way and none is due. */
  readonly idle: boolean;
  /** What it has seen by now of the kinds that it follows. */
  readonly cache: Cache;
  readonly follows: readonly AnyKind[];
  /** Rejects when it ends before it is told to: in a cluster its process would be started anew, and here nobody does. */
  readonly ended: Promise<never>;
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
  const user = `system:serviceaccount:${SYSTEM_NAMESPACE}:${account}`;
  const rbac = [...rbacManifests(entry, operator), ...webhookManifestsOf(entry, operator)] as unknown as readonly RbacObject[];
  await permitted(api, user, rbac);
  const token = await tokenOf(api, account);
  const transport = undiciTransport({ ...cluster.cluster, credentials: { type: 'token', token } }, { clock });
  const own = connect({ clock, userAgent: `binnacle-${name}`, transport });
  const stop = new AbortController();
  const startedAtMs = clock.now();
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
  const ended = running.then(() => {
    if (stop.signal.aborted) return new Promise<never>(() => undefined);
    throw new Error(`the operator ${name} ended by itself`);
  });
  // Somebody may look later, or never.
  ended.catch(() => undefined);
  await Promise.race([manager.synced(), ended]);
  return {
    entry,
    user,
    rbac,
    startedAtMs,
    cache: manager.cache,
    follows: [...Object.values(kinds as Readonly<Record<string, AnyKind>>), ...entry.resources].filter((kind) => isFollowed(manager, kind)),
    ended,
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

/**
 * Until the API server lets an account do what its roles say. Its authorizer learns of roles and bindings from a watch, after they are stored, and refuses until
 * then; an operator tries again, but what is counted as forbidden is to be what its roles lack.
 */
async function permitted(api: Api, user: string, rbac: readonly RbacObject[]): Promise<void> {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${SYSTEM_NAMESPACE}`, 'system:authenticated'];
  for (const { namespace, rule } of rulesOf(rbac)) {
    const [group, of, verb, name] = [rule.apiGroups?.[0], rule.resources?.[0], rule.verbs[0], rule.resourceNames?.[0]];
    if (group === undefined || of === undefined) continue;
    const [resource, subresource] = of.split('/');
    const resourceAttributes = { group, resource, subresource, verb, name, namespace };
    await eventually(`${user} may ${verb} ${of}`, async () => {
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user, groups, resourceAttributes } };
      const answer = (await api.raw({ method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', body: review })) as {
        readonly status?: { readonly allowed?: boolean };
      };
      return answer.status?.allowed === true;
    });
  }
}

/** A manager that does not follow a kind has no answer to whether it was read. */
function isFollowed(manager: Manager, kind: AnyKind): boolean {
  try {
    manager.has([kind]);
    return true;
  } catch {
    return false;
  }
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
  await api.create(kinds.Namespace, namespace);
}
