import { CHOSEN, POD } from './chart.ts';
import type { Written } from './chart.ts';

/** What users feel: queries, their latency and errors, loads and transactions. */
export const queries: Written = {
  uid: 'binnacle-doris-queries',
  title: 'Doris queries and loads',
  pods: 'up{job="doris-fe"}',
  rows: [
    {
      title: 'Queries',
      charts: [
        ['Queries per second', 'reqps', [`rate(doris_fe_query_total{${CHOSEN}}[$__rate_interval])`, POD]],
        ['Failed queries per second', 'reqps', [`rate(doris_fe_query_err{${CHOSEN}}[$__rate_interval])`, POD]],
        [
          'Share of queries that fail',
          'percentunit',
          [`sum(rate(doris_fe_query_err{${CHOSEN}}[$__rate_interval])) / sum(rate(doris_fe_query_total{${CHOSEN}}[$__rate_interval]))`, 'failed'],
        ],
        ['Latency', 'ms', [`max by (quantile) (doris_fe_query_latency_ms{quantile=~"0.75|0.95|0.99",${CHOSEN}})`, '{{quantile}}']],
        ['Latency by front end, 99th percentile', 'ms', [`doris_fe_query_latency_ms{quantile="0.99",${CHOSEN}}`, POD]],
        ['Connections', 'short', [`doris_fe_connection_total{${CHOSEN}}`, POD]],
      ],
    },
    {
      title: 'Transactions',
      charts: [
        ['Begun and done per second', 'ops', ['sum by (type) (rate(doris_fe_txn_counter{type=~"begin|success"}[$__rate_interval]))', '{{type}}']],
        ['Failed and rejected per second', 'ops', ['sum by (type) (rate(doris_fe_txn_counter{type=~"failed|reject"}[$__rate_interval]))', '{{type}}']],
        ['Running, by state', 'short', ['max by (type) (doris_fe_txn_status)', '{{type}}']],
      ],
    },
    {
      title: 'Loads',
      charts: [
        ['Load jobs, by kind and state', 'short', ['max by (type, state) (doris_fe_job{job="load"})', '{{type}} {{state}}']],
        ['Rows of routine loads per second', 'short', ['sum(rate(doris_fe_routine_load_rows[$__rate_interval]))', 'rows']],
        ['Rows of routine loads in error per second', 'short', ['sum(rate(doris_fe_routine_load_error_rows[$__rate_interval]))', 'rows']],
      ],
    },
  ],
};
