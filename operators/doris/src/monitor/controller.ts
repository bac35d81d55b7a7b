import { controller, watch } from '@binnacle/runtime';
import type { Pass } from '@binnacle/runtime';
import { DorisCluster } from '../api/doris-cluster.ts';
import { DorisMonitor } from '../api/doris-monitor.ts';
import type { MonitorStatus } from '../api/doris-monitor.ts';
import { valueHash } from '../cluster/hash.ts';
import { waiting } from '../waiting.ts';
import { clusterFound } from './steps/cluster-found.ts';
import { grafanaSecret } from './steps/grafana-secret.ts';
import { part } from './steps/part.ts';
import { forPrometheusOperator } from './steps/for-prometheus-operator.ts';
import { rbac } from './steps/rbac.ts';
import { ready } from './steps/ready.ts';
import { shipper } from './steps/shipper.ts';
import { validation } from './steps/validation.ts';
import { volumes } from './steps/volumes.ts';

/**
 * Brings up what watches over a Doris cluster. The cluster need not be there: it is found by its labels as soon as it is. `prometheusOperator`: plural
 * names of its kinds that the cluster serves.
 */
export function monitorController({ prometheusOperator }: { readonly prometheusOperator: readonly string[] }) {
  const waits = waiting();
  const rivals = waiting();
  return controller(DorisMonitor, {
    steps: [
      validation(rivals),
      clusterFound(waits),
      rbac,
      ...forPrometheusOperator(prometheusOperator),
      part('prometheus', waits),
      grafanaSecret,
      part('grafana', waits),
      part('loki', waits),
      shipper('promtail'),
      shipper('alloy'),
      volumes,
      ready,
    ],
    watches: [
      watch(DorisCluster, ({ metadata }) => waits.take({ name: metadata.name, namespace: metadata.namespace ?? '' })),
      // Whoever had to stand back is told when the other one goes.
      watch(DorisMonitor, ({ metadata, spec }) => rivals.take({ name: spec.cluster, namespace: metadata.namespace ?? '' })),
    ],
    report,
  });
}

/** The existing operator's words. Its `completed` means that everything was applied; whether it is up as well says the condition Ready. */
function report(object: { readonly spec: unknown }, { outcome, step }: Pass): Partial<MonitorStatus> {
  if (outcome.type === 'gone') return {};
  if (outcome.type === 'done' || step === 'ready') {
    const lastMessage = outcome.type === 'done' ? '' : outcome.message;
    return {
      stage: 'completed',
      stageAction: '',
      stageStatus: 'succeeded',
      lastMessage,
      ...(outcome.type === 'done' ? { lastApplySpecHash: valueHash(object.spec) } : {}),
    };
  }
  const failed = outcome.type === 'error' || outcome.type === 'stop';
  const stage = step === 'grafanaSecret' ? 'grafana/Secret' : (step ?? '');
  return { stage, stageAction: 'apply', stageStatus: failed ? 'failed' : '', lastMessage: outcome.message };
}
