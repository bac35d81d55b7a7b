import type { Reconciler } from '@binnacle/runtime';
import { autoscaler } from './autoscaler/index.ts';
import { annotatedUsage } from './autoscaler/usage.ts';
import type { MetricsSource } from './autoscaler/usage.ts';
import { cronJob } from './cron-job/index.ts';
import { daemonSet } from './daemon-set/index.ts';
import { deployment } from './deployment/index.ts';
import { disruption } from './disruption.ts';
import { job } from './job/index.ts';
import { namespaces } from './namespace.ts';
import { nodeLifecycle } from './node-lifecycle/index.ts';
import { replicaSet } from './replica-set.ts';
import { serviceAccounts } from './service-account.ts';
import { serviceEndpoints } from './service/index.ts';
import { loadBalancer } from './service/load-balancer.ts';
import { statefulSet } from './stateful-set/index.ts';
import { claims } from './volume/claim.ts';
import { claimProtection } from './volume/protection.ts';
import { volumes } from './volume/volume.ts';

export { bootstrap } from './bootstrap.ts';
export type { MetricsSource } from './autoscaler/usage.ts';
export { startGarbageCollector } from './garbage/collector.ts';

/**
 * The controllers that make a cluster of an API server, for one `manager()`. Made anew at each call, since some remember who waits for what. The garbage
 * collector stands beside them: `startGarbageCollector()`. `rootCa`: the certificate authority of the API server, PEM, for `kube-root-ca.crt`; `metrics`:
 * what pods use, for autoscalers; default: what their annotations say.
 */
export function builtinControllers(options: { readonly rootCa?: string; readonly metrics?: MetricsSource } = {}): readonly Reconciler[] {
  return [
    statefulSet,
    daemonSet(),
    deployment,
    replicaSet(),
    disruption(),
    job,
    cronJob,
    autoscaler(options.metrics ?? annotatedUsage),
    serviceEndpoints(),
    loadBalancer,
    claims(),
    volumes,
    claimProtection,
    serviceAccounts(options.rootCa ?? ''),
    namespaces,
    nodeLifecycle(),
  ];
}
