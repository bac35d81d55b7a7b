import { stopped } from './container.ts';
import type { Container, Program } from './container.ts';
import { serveHttp } from './http.ts';

/** A server that reads its configuration, answers its health check and does nothing else. Without its configuration it ends, as the real one does. */
function server(name: string, port: number, health: string, files: readonly string[]): Program {
  return async (container: Container) => {
    const missing = files.find((path) => container.readFile(path) === undefined);
    if (missing !== undefined) {
      container.log(`${name}: open ${missing}: no such file or directory`);
      return 1;
    }
    using _listener = container.network.listen(port, (stream) => serveHttp(stream, (path) => (path === health || path === '/-/healthy' ? OK : undefined)));
    container.log(`${name} listens on ${port}`);
    await stopped(container.signal);
    return 0;
  };
}

const OK = { type: 'text/plain', body: 'ok\n' };

export const prometheusProgram = server('prometheus', 9090, '/-/ready', ['/etc/prometheus/prometheus.yml']);
export const grafanaProgram = server('grafana', 3000, '/api/health', [
  '/etc/grafana/provisioning/datasources/doris-cluster-datasource.yml',
  '/etc/grafana/provisioning/dashboards/dashboard.yml',
]);
export const lokiProgram = server('loki', 3100, '/ready', ['/etc/loki/loki.yml']);
export const alloyProgram = server('alloy', 12_345, '/-/ready', ['/etc/alloy/config.alloy']);
export const promtailProgram = server('promtail', 3101, '/ready', ['/etc/promtail/promtail.yaml']);
