import { createHash } from 'node:crypto';

/** The uid that Grafana gives a data source of that name by itself. Written down, so that dashboards which users keep go on pointing at it. */
export const sourceUid = (name: string): string => `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;

export const METRICS = 'doris-cluster';
export const LOGS = 'doris-logs';
