import { readFileSync, readdirSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { COMPONENTS } from '../src/cluster/names.ts';
import { clusterFrom } from '../src/cluster/objects/cluster.ts';
import { configMap } from '../src/cluster/objects/config.ts';
import { services } from '../src/cluster/objects/services.ts';
import { statefulSet } from '../src/cluster/objects/stateful-set.ts';
import type { AutoscalerSpec } from '../src/api/doris-autoscaler.ts';
import { SCALED, hpa } from '../src/autoscaler/hpa.ts';
import { config as initializerConfig } from '../src/initializer/objects/config.ts';
import { initializerFrom } from '../src/initializer/objects/from.ts';
import type { Running } from '../src/initializer/objects/from.ts';
import { job as initializerJob } from '../src/initializer/objects/job.ts';
import { secret as initializerSecret } from '../src/initializer/objects/secret.ts';
import { PARTS, SHIPPERS } from '../src/monitor/names.ts';
import { configMap as monitorConfig, grafanaSecret } from '../src/monitor/objects/config.ts';
import { daemonSet } from '../src/monitor/objects/daemon-set.ts';
import { monitorFrom } from '../src/monitor/objects/from.ts';
import { podMonitor, prometheusRule, serviceMonitor } from '../src/monitor/objects/pod-monitor.ts';
import { role, roleBinding, serviceAccount } from '../src/monitor/objects/rbac.ts';
import { service as monitorService } from '../src/monitor/objects/service.ts';
import { statefulSet as monitorSet } from '../src/monitor/objects/stateful-set.ts';

/** An example's file; what its spec holds its kind says. */
interface Example {
  readonly kind: 'DorisCluster' | 'DorisInitializer' | 'DorisAutoscaler' | 'DorisClusterAutoscaler' | 'DorisMonitor';
  readonly metadata: { readonly name: string };
  readonly spec: { readonly initSqlScript?: string };
}
type Built = readonly [kind: string, object: object];

const EXAMPLES = new URL('../../../examples/doris/', import.meta.url);

/** Everything that each example's DorisCluster is built into, one file an example: what `make generate` writes and what reviews read. */
export function goldenFiles(): Record<string, string> {
  const files = readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted();
  return Object.fromEntries(files.map((name) => [name, built(readFileSync(new URL(name, EXAMPLES), 'utf8'))]));
}

function built(text: string): string {
  const example = parse(text) as Example; // sound: our own files
  const objects = builders[example.kind](example);
  return objects.map(([kind, object]) => stringify({ kind, ...object }, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}

const builders: Record<Example['kind'], (example: Example) => readonly Built[]> = {
  DorisCluster: clusterObjects,
  DorisInitializer: initializerObjects,
  DorisAutoscaler: autoscalerObjects,
  DorisClusterAutoscaler: autoscalerObjects,
  DorisMonitor: monitorObjects,
};

function clusterObjects({ metadata, spec }: Example): readonly Built[] {
  const cluster = clusterFrom({ metadata: { namespace: 'default', ...metadata }, spec });
  return COMPONENTS.filter((name) => cluster.spec[name] !== undefined).flatMap((name) => [
    ['ConfigMap', configMap(cluster, name)] as const,
    ...services(cluster, name).map((service) => ['Service', service] as const),
    ['StatefulSet', statefulSet(cluster, name, { replicas: cluster.spec[name]?.replicas ?? 0, leaving: [], live: undefined })] as const,
  ]);
}

function initializerObjects({ metadata, spec }: Example): readonly Built[] {
  const wish = {
    root: 'root-secret',
    admin: 'admin-secret',
    statements: [{ at: 'spec.initSqlScript line 1', sql: spec.initSqlScript ?? '' }],
    fingerprints: {},
    before: [],
  };
  const running: Running = { run: { number: 1, state: 'Starting', parts: ['root', 'admin', 'sql'], wish: {} }, wish, before: undefined };
  const initializer = initializerFrom({ metadata, spec });
  return [
    ['Secret', initializerSecret(initializer, running)],
    ['ConfigMap', initializerConfig(initializer)],
    ['Job', initializerJob(initializer, running, 9030)],
  ];
}

function autoscalerObjects({ kind, metadata, spec }: Example): readonly Built[] {
  const own = { kind, name: metadata.name, spec: spec as AutoscalerSpec }; // sound: our own file
  return SCALED.flatMap((part) => {
    const built = hpa(own, part, false);
    return built === undefined ? [] : [['HorizontalPodAutoscaler', built] as const];
  });
}

function monitorObjects({ metadata, spec }: Example): readonly Built[] {
  const monitor = monitorFrom({ metadata: { namespace: 'default', ...metadata }, spec });
  return [
    ['Role', role],
    ['ServiceAccount', serviceAccount],
    ['RoleBinding', roleBinding('default')],
    ['Secret', grafanaSecret(monitor, 'grafana-secret')],
    ...PARTS.filter((part) => monitor.spec[part] !== undefined).flatMap((part): readonly Built[] => [
      ['ConfigMap', monitorConfig(monitor, part)],
      ['Service', monitorService(monitor, part)],
      ['StatefulSet', monitorSet(monitor, part, undefined)],
    ]),
    ...SHIPPERS.filter((shipper) => monitor.spec[shipper] !== undefined).flatMap((shipper): readonly Built[] => [
      ['ConfigMap', monitorConfig(monitor, shipper)],
      ['DaemonSet', daemonSet(monitor, shipper)],
    ]),
    ...[podMonitor(monitor)].filter((one) => one !== undefined).map((one): Built => ['PodMonitor', one]),
    ...[serviceMonitor(monitor)].filter((one) => one !== undefined).map((one): Built => ['ServiceMonitor', one]),
    ...[prometheusRule(monitor)].filter((one) => one !== undefined).map((one): Built => ['PrometheusRule', one]),
  ];
}
