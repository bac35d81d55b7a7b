import { POD } from './chart.ts';
import type { Written } from './chart.ts';

/** What is looked at first when something is wrong. Under the uid that links to the existing operator's dashboard have. */
export const overview: Written = {
  uid: '1fFiWJ4m2',
  title: 'Doris Overview',
  rows: [
    {
      title: 'Nodes',
      charts: [
        ['Members that answer', 'short', ['sum by (component) (up{job=~"doris-.*"})', '{{component}}']],
        [
          'Front ends',
          'short',
          ['max(node_info{type="fe_node_num",state="total"})', 'there are'],
          ['max(node_info{type="fe_node_num",state="alive"})', 'alive'],
        ],
        [
          'Back ends',
          'short',
          ['max(node_info{type="be_node_num",state="total"})', 'there are'],
          ['max(node_info{type="be_node_num",state="alive"})', 'alive'],
          ['max(node_info{type="be_node_num",state="decommissioned"})', 'leaving'],
        ],
        ['Brokers that are dead', 'short', ['max(node_info{type="broker_node_num",state="dead"})', 'dead']],
        ['Alerts', 'short', ['sum by (alertname) (ALERTS{alertstate="firing",alertname=~"Doris.*"})', '{{alertname}}']],
        ['Metadata journal', 'short', ['doris_fe_max_journal_id', POD]],
      ],
    },
    {
      title: 'Load',
      charts: [
        ['Queries per second', 'reqps', ['sum by (instance) (rate(doris_fe_query_total[$__rate_interval]))', POD]],
        ['Failed queries per second', 'reqps', ['sum by (instance) (rate(doris_fe_query_err[$__rate_interval]))', POD]],
        ['Query latency, 99th percentile', 'ms', ['doris_fe_query_latency_ms{quantile="0.99"}', POD]],
        ['Connections', 'short', ['doris_fe_connection_total', POD]],
        [
          'Transactions per second',
          'ops',
          ['sum(rate(doris_fe_txn_counter{type="success"}[$__rate_interval]))', 'success'],
          ['sum(rate(doris_fe_txn_counter{type="failed"}[$__rate_interval]))', 'failed'],
        ],
        ['Rows scanned per second', 'short', ['sum by (instance) (rate(doris_be_query_scan_rows[$__rate_interval]))', POD]],
      ],
    },
    {
      title: 'Data',
      charts: [
        ['Disk used', 'percentunit', ['1 - sum by (instance) (doris_be_disks_avail_capacity) / sum by (instance) (doris_be_disks_total_capacity)', POD]],
        ['Tablets waiting to be scheduled', 'short', ['doris_fe_scheduled_tablet_num', POD]],
        ['Highest compaction score', 'short', ['doris_fe_max_tablet_compaction_score', POD]],
        ['Tablets', 'short', ['max by (backend) (doris_fe_tablet_num)', '{{backend}}']],
        [
          'Front end heap',
          'percentunit',
          ['jvm_heap_size_bytes{job="doris-fe",type="used"} / ignoring(type) jvm_heap_size_bytes{job="doris-fe",type="max"}', POD],
        ],
        ['Back end memory', 'bytes', ['doris_be_memory_allocated_bytes', POD]],
      ],
    },
  ],
};
