/** What runs where a spec names no image. Those of the existing operator, so that nothing restarts when this one takes over. */
export const MONITOR_IMAGES = {
  prometheus: 'prom/prometheus:v2.37.8',
  grafana: 'grafana/grafana:9.5.2',
  loki: 'grafana/loki:2.9.1',
  promtail: 'grafana/promtail:2.9.1',
  /** Not before 1.5, which is the first to have `sys.env`. */
  alloy: 'grafana/alloy:v1.10.0',
} as const;
