import { createHash } from 'node:crypto';
import { PORTS, partName } from '../names.ts';
import { dashboard } from './dashboard.ts';
import { isWanted } from './from.ts';
import type { Monitor } from './from.ts';

/** The uid that Grafana gives a data source of that name by itself. Written down, so that dashboards which users keep go on pointing at it. */
export const sourceUid = (name: string): string => `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;

export const METRICS = 'doris-cluster';
const LOGS = 'doris-logs';

/** `datasource.yml`, `dashboard.yml` and `dashboards.json` (spec/doris-operator.md §6.4). */
export function grafanaConf(monitor: Monitor): Readonly<Record<string, string>> {
  return { 'datasource.yml': sources(monitor), 'dashboard.yml': PROVIDER, 'dashboards.json': `${JSON.stringify(dashboard(sourceUid(METRICS)), null, 1)}\n` };
}

function sources(monitor: Monitor): string {
  const source = (name: string, type: string, part: 'prometheus' | 'loki') => `  - name: ${name}
    type: ${type}
    uid: ${sourceUid(name)}
    access: proxy
    url: http://${partName(monitor.name, part)}.${monitor.namespace}:${PORTS[part]}
    editable: false
    version: 1
`;
  const logs = isWanted(monitor, 'loki');
  // One that was provisioned earlier stays in Grafana's own database until it is told to forget it.
  const gone = logs ? '' : `deleteDatasources:\n  - name: ${LOGS}\n    orgId: 1\n`;
  return `apiVersion: 1\n${gone}datasources:\n${source(METRICS, 'prometheus', 'prometheus')}${logs ? source(LOGS, 'loki', 'loki') : ''}`;
}

const PROVIDER = `apiVersion: 1
providers:
  - name: Default
    orgId: 1
    folder: ""
    type: file
    disableDeletion: false
    editable: true
    options:
      path: /etc/grafana/provisioning/dashboards
`;
