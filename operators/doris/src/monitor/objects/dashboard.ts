/** One chart: a title, its unit in Grafana's words, and a query a line. */
interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly (readonly [expression: string, legend: string])[];
}

const PER_POD = '{{instance}}';

/** What is looked at first when something is wrong; rows of three. Source of the metric names: Doris' own metrics page. */
const CHARTS: readonly Chart[] = [
  { title: 'Members that answer', unit: 'short', queries: [['sum by (component) (up{job=~"doris-.*"})', '{{component}}']] },
  { title: 'Queries per second', unit: 'reqps', queries: [['sum by (instance) (rate(doris_fe_query_total[$__rate_interval]))', PER_POD]] },
  { title: 'Failed queries per second', unit: 'reqps', queries: [['sum by (instance) (rate(doris_fe_query_err[$__rate_interval]))', PER_POD]] },
  { title: 'Query latency, 99th percentile', unit: 'ms', queries: [['doris_fe_query_latency_ms{quantile="0.99"}', PER_POD]] },
  { title: 'Connections', unit: 'short', queries: [['doris_fe_connection_total', PER_POD]] },
  { title: 'Front end heap', unit: 'percentunit', queries: [['jvm_heap_size_bytes{type="used"} / ignoring(type) jvm_heap_size_bytes{type="max"}', PER_POD]] },
  { title: 'Back end memory', unit: 'bytes', queries: [['doris_be_memory_allocated_bytes', PER_POD]] },
  {
    title: 'Disk used',
    unit: 'percentunit',
    queries: [['sum by (instance) (doris_be_disks_local_used_capacity) / sum by (instance) (doris_be_disks_total_capacity)', PER_POD]],
  },
  { title: 'Tablets waiting to be scheduled', unit: 'short', queries: [['doris_fe_scheduled_tablet_num', PER_POD]] },
  { title: 'Highest compaction score', unit: 'short', queries: [['doris_fe_max_tablet_compaction_score', PER_POD]] },
  { title: 'Metadata journal', unit: 'short', queries: [['doris_fe_max_journal_id', PER_POD]] },
  {
    title: 'Transactions per second',
    unit: 'ops',
    queries: [
      ['sum(rate(doris_fe_txn_counter{type="success"}[$__rate_interval]))', 'success'],
      ['sum(rate(doris_fe_txn_counter{type="failed"}[$__rate_interval]))', 'failed'],
    ],
  },
];

const WIDTH = 8;
const HEIGHT = 8;

/** `dashboards.json`: under the uid that links to the existing dashboard have. `source`: uid of the metrics' data source. */
export function dashboard(source: string): object {
  const datasource = { type: 'prometheus', uid: source };
  return {
    uid: '1fFiWJ4m2',
    title: 'Doris Overview',
    schemaVersion: 38,
    version: 1,
    editable: true,
    style: 'dark',
    tags: [],
    templating: { list: [] },
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    panels: CHARTS.map(({ title, unit, queries }, index) => ({
      id: index + 1,
      type: 'timeseries',
      title,
      datasource,
      gridPos: { x: (index % 3) * WIDTH, y: Math.floor(index / 3) * HEIGHT, w: WIDTH, h: HEIGHT },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi', sort: 'desc' } },
      targets: queries.map(([expr, legendFormat], at) => ({ refId: String.fromCodePoint(65 + at), datasource, expr, legendFormat })),
    })),
  };
}
