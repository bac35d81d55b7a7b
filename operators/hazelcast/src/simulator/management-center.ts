import type { Container } from './container.ts';
import { serve } from './http.ts';
import { until } from './until.ts';

const PORTS = { http: 8080, health: 8081 } as const;
/** What the JVM exits with when it is ended by SIGTERM, and what the shell does when a command before it fails. */
const TERMINATED = 143;
const FAILURE = 1;

/** Where its data is. */
const DATA = '/data';
const COMMAND = /mc-conf\.sh cluster (add|remove) .*?(?:--client-config (\S+)|-cn=(\S+))/g;

/** Management Center: adds and takes out the clusters that it is told to, then serves its pages and its health. One that it has already stays as it is. */
export async function managementCenter(container: Container): Promise<number> {
  const data = container.volume(DATA) ?? new Map<string, string>();
  for (const [, what, file = '', name = ''] of (container.env['MC_INIT_CMD'] ?? '').matchAll(COMMAND)) {
    if (what === 'remove') {
      data.delete(name);
      continue;
    }
    const config = container.readFile(file);
    if (config === undefined) {
      container.log(`ERROR: Client config file ${file} does not exist`);
      return FAILURE;
    }
    const cluster = /cluster-name: (\S+)/.exec(config)?.[1] ?? '';
    if (!data.has(cluster)) data.set(cluster, config);
    container.log(`Successfully added Cluster Config from ${file}.`);
  }
  container.log(
    `Clusters: ${[...data]
      .map(([cluster, config]) => `${cluster}${config.includes('enabled: true') ? ' (TLS)' : ''}`)
      .toSorted()
      .join(', ')}`,
  );
  const context = (/-Dhazelcast\.mc\.contextPath=(\S+)/.exec(container.env['JAVA_OPTS'] ?? '')?.[1] ?? '/').replace(/\/+$/, '');
  using _health = serve(container, PORTS.health, (_, path) => (path === `${context}/health` ? { status: 200 } : { status: 404 }));
  using _pages = serve(container, PORTS.http, (_, path) => ({ status: path === context || path.startsWith(`${context}/`) ? 200 : 404 }));
  container.log('Hazelcast Management Center successfully started');
  await until(container.signal);
  return TERMINATED;
}
