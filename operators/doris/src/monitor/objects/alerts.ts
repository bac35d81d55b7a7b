import type { Monitor, Quorum } from './from.ts';

interface Alert {
  readonly name: string;
  readonly severity: 'critical' | 'warning';
  readonly for: string;
  readonly expression: string;
  readonly summary: string;
  /** What to do. */
  readonly description: string;
}

/** A cluster as its series are labelled. */
const BY = 'by (kubernetes_namespace, cluster)';
const node = (type: string, state: string): string => `max ${BY} (node_info{type="${type}_node_num",state="${state}"})`;
const RUNBOOK = 'docs/doris-monitor.md';

/** Doris takes no loads on a disk from here on (`storage_flood_stage_usage_percent` of back ends, 90 by default); before that no more data is moved there (`storage_high_watermark_usage_percent`, 85). */
const DISK_FULL = 0.1;
const DISK_FILLING = 0.15;
/** A tablet of so many versions takes no more loads (`max_tablet_version_num`, 2000 from Doris 2.0.3 on): a quarter of it is a backlog, three quarters are an hour or two before -235. */
const SCORE_HIGH = 500;
const SCORE_SEVERE = 1_500;

/** What wakes people up, in the order of what it costs to sleep through it. */
function alerts({ voters, votes }: Quorum): readonly Alert[] {
  const quorum = Math.floor(votes / 2) + 1;
  // What is not found any more answers as little as what refuses: both are votes that are not there.
  const serving = `(sum ${BY} (up{job="doris-fe",instance=~"${voters}"}) or on (kubernetes_namespace, cluster) 0 * count ${BY} (up{job="doris-fe"}))`;
  return [
    {
      name: 'DorisQuorumLost',
      severity: 'critical',
      for: '1m',
      expression: `${serving} < ${quorum}`,
      summary: `{{ $labels.cluster }}: {{ $value }} of ${votes} voting front ends answer, ${quorum} are needed`,
      description: 'Doris takes no writes. Bring front ends back: kubectl get pods -l app.kubernetes.io/component=fe. Delete none of their volumes.',
    },
    ...(votes < 3
      ? []
      : [
          {
            name: 'DorisQuorumAtRisk',
            severity: 'critical',
            for: '5m',
            expression: `${serving} == ${quorum}`,
            summary: `{{ $labels.cluster }}: {{ $value }} of ${votes} voting front ends answer, and one less is too few`,
            description: 'Bring the missing front ends back before anything else is restarted.',
          } as const,
        ]),
    {
      name: 'DorisNodeDown',
      severity: 'critical',
      for: '5m',
      expression: 'up{job=~"doris-.*"} == 0',
      summary: '{{ $labels.instance }} does not answer',
      description: 'Its pod runs and its web server says nothing: look at its log and at its node.',
    },
    {
      name: 'DorisFrontEndDead',
      severity: 'critical',
      for: '5m',
      expression: `${node('fe', 'total')} - ${node('fe', 'alive')} > 0`,
      summary: '{{ $labels.cluster }}: {{ $value }} front ends are dead in the eyes of the others',
      description: 'SHOW FRONTENDS tells which, with the reason in ErrMsg.',
    },
    {
      name: 'DorisBackEndDead',
      severity: 'critical',
      for: '5m',
      expression: `${node('be', 'total')} - ${node('be', 'alive')} > 0`,
      summary: '{{ $labels.cluster }}: {{ $value }} back ends are dead in the eyes of the front ends',
      description: 'SHOW BACKENDS tells which, with the reason in ErrMsg. What had one copy there cannot be read.',
    },
    {
      name: 'DorisBrokerDead',
      severity: 'warning',
      for: '10m',
      expression: `${node('broker', 'dead')} > 0`,
      summary: '{{ $labels.cluster }}: {{ $value }} brokers are dead',
      description: 'Loads and exports through them fail. SHOW BROKER tells which.',
    },
    ...diskAlerts,
    ...dataAlerts,
  ];
}

const used = (free: number): string => `doris_be_disks_avail_capacity / doris_be_disks_total_capacity < ${free}`;

const diskAlerts: readonly Alert[] = [
  {
    name: 'DorisDiskFull',
    severity: 'critical',
    for: '5m',
    expression: used(DISK_FULL),
    summary: '{{ $labels.instance }}: {{ $value | humanizePercentage }} of {{ $labels.path }} is free, and loads to it are refused',
    description: 'Raise requests.storage of the DorisCluster, add back ends, or drop what is not needed and its trash (ADMIN CLEAN TRASH).',
  },
  {
    name: 'DorisDiskFilling',
    severity: 'warning',
    for: '15m',
    expression: `(${used(DISK_FILLING)}) or (predict_linear(doris_be_disks_avail_capacity[6h], 24 * 3600) < 0 and doris_be_disks_avail_capacity / doris_be_disks_total_capacity < 0.5)`,
    summary: '{{ $labels.instance }}: {{ $labels.path }} is filling up, or will be full within a day',
    description: 'Raise requests.storage of the DorisCluster or add back ends while data can still be moved.',
  },
];

const dataAlerts: readonly Alert[] = [
  {
    name: 'DorisCompactionBacklog',
    severity: 'warning',
    for: '15m',
    expression: `max ${BY} (doris_fe_max_tablet_compaction_score) > ${SCORE_HIGH}`,
    summary: '{{ $labels.cluster }}: a tablet has {{ $value }} versions',
    description: 'Loads come faster than compaction merges them: load in larger batches, less often.',
  },
  {
    name: 'DorisCompactionStuck',
    severity: 'critical',
    for: '5m',
    expression: `max ${BY} (doris_fe_max_tablet_compaction_score) > ${SCORE_SEVERE}`,
    summary: '{{ $labels.cluster }}: a tablet has {{ $value }} versions, and takes no loads from 2000 on (-235)',
    description: 'Stop or slow down the loads to that table. The dashboard of back ends tells which node is behind.',
  },
  {
    name: 'DorisTabletsUnhealthy',
    severity: 'warning',
    for: '30m',
    // The checker counts what it finds again and again: it is the going on that is wrong, and not the number.
    expression: `sum ${BY} (increase(doris_fe_tablet_status_count{type="unhealthy"}[15m])) > 0 or max ${BY} (doris_fe_scheduled_tablet_num) > 2000`,
    summary: '{{ $labels.cluster }}: tablets with too few or broken copies are not repaired',
    description: "SHOW PROC '/cluster_health/tablet_health' tells in which databases. Is a back end away, a disk full, or the scheduler switched off?",
  },
  {
    name: 'DorisDecommissionStuck',
    severity: 'warning',
    for: '30m',
    expression: `${node('be', 'decommissioned')} > 0 unless on (kubernetes_namespace, cluster) (sum ${BY} (changes(doris_fe_tablet_num[1h])) > 0)`,
    summary: '{{ $labels.cluster }}: {{ $value }} back ends are to leave, and no tablet has moved for an hour',
    description:
      'The condition ScalingIn of the DorisCluster tells what it waits for: too few nodes left for the copies, full disks, a transaction that stays open. Raise be.replicas to call it off.',
  },
];

/** A rule as Prometheus reads it. */
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Rules as Prometheus reads them from a file, and Prometheus Operator from an object. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** `rules.yml`. JSON is YAML. */
export const rules = (monitor: Monitor): string => `${JSON.stringify(ruleFile(monitor), null, 1)}\n`;

/** All alerts. `expr`: makes of each expression what it is to be there. */
export function ruleFile({ spec, quorum }: Monitor, expr = (expression: string): string => expression): RuleFile {
  const written = alerts(quorum).map(({ name, severity, for: pending, expression, summary, description }): Rule => ({
    alert: name,
    expr: expr(expression),
    for: pending,
    labels: { severity },
    annotations: { summary, description, runbook: RUNBOOK },
  }));
  return { groups: [{ name: `doris-${spec.cluster}`, rules: written }] };
}
