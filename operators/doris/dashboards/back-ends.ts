import { CHOSEN, POD } from './chart.ts';
import type { Written } from './chart.ts';

/** What back ends and compute nodes do: the machine, disks, compaction, scans and loads. */
export const backEnds: Written = {
  uid: 'binnacle-doris-be',
  title: 'Doris back ends',
  pods: 'up{job=~"doris-(be|cn)"}',
  rows: [
    {
      title: 'Machine',
      charts: [
        [
          'CPU idle',
          'percentunit',
          [
            `sum by (instance) (rate(doris_be_cpu{mode="idle",${CHOSEN}}[$__rate_interval])) / sum by (instance) (rate(doris_be_cpu{${CHOSEN}}[$__rate_interval]))`,
            POD,
          ],
        ],
        ['Memory', 'bytes', [`doris_be_memory_allocated_bytes{${CHOSEN}}`, POD]],
        ['Threads', 'short', [`doris_be_process_thread_num{${CHOSEN}}`, POD]],
        ['Network sent per second', 'Bps', [`sum by (instance) (rate(doris_be_network_send_bytes{device!="lo",${CHOSEN}}[$__rate_interval]))`, POD]],
        ['Network received per second', 'Bps', [`sum by (instance) (rate(doris_be_network_receive_bytes{device!="lo",${CHOSEN}}[$__rate_interval]))`, POD]],
        ['Open files of their limit', 'percentunit', [`doris_be_process_fd_num_used{${CHOSEN}} / doris_be_process_fd_num_limit_soft{${CHOSEN}}`, POD]],
      ],
    },
    {
      title: 'Disks',
      charts: [
        ['Used', 'percentunit', [`1 - doris_be_disks_avail_capacity{${CHOSEN}} / doris_be_disks_total_capacity{${CHOSEN}}`, '{{instance}} {{path}}']],
        ['Data', 'bytes', [`doris_be_disks_local_used_capacity{${CHOSEN}}`, '{{instance}} {{path}}']],
        ['Disks in order', 'short', [`doris_be_disks_state{${CHOSEN}}`, '{{instance}} {{path}}']],
        ['Busy, ms per second', 'ms', [`rate(doris_be_disk_io_time_ms{${CHOSEN}}[$__rate_interval])`, '{{instance}} {{device}}']],
        ['Read per second', 'Bps', [`rate(doris_be_disk_bytes_read{${CHOSEN}}[$__rate_interval])`, '{{instance}} {{device}}']],
        ['Written per second', 'Bps', [`rate(doris_be_disk_bytes_written{${CHOSEN}}[$__rate_interval])`, '{{instance}} {{device}}']],
      ],
    },
    {
      title: 'Compaction',
      charts: [
        ['Highest score, base', 'short', [`doris_be_tablet_base_max_compaction_score{${CHOSEN}}`, POD]],
        ['Highest score, cumulative', 'short', [`doris_be_tablet_cumulative_max_compaction_score{${CHOSEN}}`, POD]],
        [
          'Compacted per second',
          'Bps',
          [`sum by (instance, type) (rate(doris_be_compaction_bytes_total{${CHOSEN}}[$__rate_interval]))`, '{{instance}} {{type}}'],
        ],
      ],
    },
    {
      title: 'Work',
      charts: [
        ['Rows scanned per second', 'short', [`rate(doris_be_query_scan_rows{${CHOSEN}}[$__rate_interval])`, POD]],
        ['Bytes scanned per second', 'Bps', [`rate(doris_be_query_scan_bytes{${CHOSEN}}[$__rate_interval])`, POD]],
        ['Fragments per second', 'reqps', [`rate(doris_be_fragment_requests_total{${CHOSEN}}[$__rate_interval])`, POD]],
        ['Rows loaded per second', 'short', [`rate(doris_be_load_rows{${CHOSEN}}[$__rate_interval])`, POD]],
        ['Bytes loaded per second', 'Bps', [`rate(doris_be_load_bytes{${CHOSEN}}[$__rate_interval])`, POD]],
        [
          'Failed requests of the engine per second',
          'reqps',
          [`sum by (instance, type) (rate(doris_be_engine_requests_total{status="failed",${CHOSEN}}[$__rate_interval]))`, '{{instance}} {{type}}'],
        ],
      ],
    },
  ],
};
