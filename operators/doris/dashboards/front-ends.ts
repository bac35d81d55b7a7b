import { CHOSEN, POD } from './chart.ts';
import type { Written } from './chart.ts';

/** What front ends do: the journal and its images, the heap, and what they ask of back ends. */
export const frontEnds: Written = {
  uid: 'binnacle-doris-fe',
  title: 'Doris front ends',
  pods: 'up{job="doris-fe"}',
  rows: [
    {
      title: 'Metadata',
      charts: [
        ['Who is the master', 'short', [`node_info{type="is_master",${CHOSEN}}`, POD]],
        ['Journal, highest number replayed', 'short', [`doris_fe_max_journal_id{${CHOSEN}}`, POD]],
        ['Journal entries written per second', 'wps', [`rate(doris_fe_edit_log_write{${CHOSEN}}[$__rate_interval])`, POD]],
        ['Journal write latency, 99th percentile', 'ms', [`doris_fe_editlog_write_latency_ms{quantile="0.99",${CHOSEN}}`, POD]],
        ['Images written', 'short', [`doris_fe_image_write{${CHOSEN}}`, POD]],
        ['Images pushed to the others', 'short', [`doris_fe_image_push{${CHOSEN}}`, POD]],
      ],
    },
    {
      title: 'Java',
      charts: [
        [
          'Heap used of its maximum',
          'percentunit',
          [`jvm_heap_size_bytes{type="used",${CHOSEN}} / ignoring(type) jvm_heap_size_bytes{type="max",${CHOSEN}}`, POD],
        ],
        ['Memory beside the heap', 'bytes', [`jvm_non_heap_size_bytes{type="used",${CHOSEN}}`, POD]],
        ['Threads', 'short', [`jvm_thread{type="count",${CHOSEN}}`, POD]],
        ['Young collections, ms per second', 'ms', [`rate(jvm_young_gc{type="time",${CHOSEN}}[$__rate_interval])`, POD]],
        ['Old collections, ms per second', 'ms', [`rate(jvm_old_gc{type="time",${CHOSEN}}[$__rate_interval])`, POD]],
        ['Old generation used', 'bytes', [`jvm_old_size_bytes{type="used",${CHOSEN}}`, POD]],
      ],
    },
    {
      title: 'Work',
      charts: [
        ['Connections', 'short', [`doris_fe_connection_total{${CHOSEN}}`, POD]],
        ['Requests per second', 'reqps', [`rate(doris_fe_request_total{${CHOSEN}}[$__rate_interval])`, POD]],
        ['Reports of back ends that wait', 'short', [`doris_fe_report_queue_size{${CHOSEN}}`, POD]],
        ['Tablets waiting to be scheduled', 'short', [`doris_fe_scheduled_tablet_num{${CHOSEN}}`, POD]],
        ['Tablets found unhealthy per second', 'short', [`rate(doris_fe_tablet_status_count{type="unhealthy",${CHOSEN}}[$__rate_interval])`, POD]],
        ['Tasks waiting in thread pools', 'short', [`sum by (instance, name) (doris_fe_thread_pool{type="task_in_queue",${CHOSEN}})`, '{{instance}} {{name}}']],
      ],
    },
  ],
};
