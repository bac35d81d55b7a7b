import DASHBOARDS from '../dashboards.gen.json' with { type: 'json' };
import { PORTS, partName } from '../names.ts';
import { isWanted } from './from.ts';
import type { Monitor } from './from.ts';
import { LOGS, METRICS, sourceUid } from './source.ts';

/** Files of dashboards, the overview under the existing operator's key. Built from `operators/doris/dashboards` by `make generate`. */
export const DASHBOARD_FILES: readonly string[] = Object.keys(DASHBOARDS);

/** `datasource.yml`, `dashboard.yml`, `dashboards.json` (spec/doris-operator.md §6.4) and the other dashboards. */
export function grafanaConf(monitor: Monitor): Readonly<Record<string, string>> {
  const files = Object.entries(DASHBOARDS).map(([file, content]) => [file, `${JSON.stringify(content, null, 1)}\n`] as const);
  return { 'datasource.yml': sources(monitor), 'dashboard.yml': PROVIDER, ...Object.fromEntries(files) };
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
  const all = [
    { name: METRICS, part: 'prometheus' },
    { name: LOGS, part: 'loki' },
  ] as const;
  const there = all.filter(({ part }) => isWanted(monitor, part)).map(({ name, part }) => source(name, part, part));
  // One that was provisioned earlier stays in Grafana's own database until it is told to forget it.
  const gone = all.filter(({ part }) => !isWanted(monitor, part)).map(({ name }) => `  - name: ${name}\n    orgId: 1\n`);
  return `apiVersion: 1\n${gone.length === 0 ? '' : `deleteDatasources:\n${gone.join('')}`}datasources:${there.length === 0 ? ' []' : ''}\n${there.join('')}`;
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
