import type { Container } from './container.ts';
import { serve } from './http.ts';
import { until } from './until.ts';

const PORTS = { http: 8080, health: 8081 } as const;
/** What the JVM exits with when it is ended by SIGTERM, and what the shell does when a command before it fails. */
const TERMINATED = 143;
const FAILURE = 1;

/** Management Center: reads the client configurations that it is told to add, then serves its pages and its health. */
export async function managementCenter(container: Container): Promise<number> {
  for (const [, file = ''] of (container.env['MC_INIT_CMD'] ?? '').matchAll(/cluster add .*?--client-config (\S+)/g)) {
    if (container.readFile(file) === undefined) {
      container.log(`ERROR: Client config file ${file} does not exist`);
      return FAILURE;
    }
    container.log(`Successfully added Cluster Config from ${file}.`);
  }
  const context = (/-Dhazelcast\.mc\.contextPath=(\S+)/.exec(container.env['JAVA_OPTS'] ?? '')?.[1] ?? '/').replace(/\/+$/, '');
  using _health = serve(container, PORTS.health, (_, path) => (path === `${context}/health` ? { status: 200 } : { status: 404 }));
  using _pages = serve(container, PORTS.http, (_, path) => ({ status: path === context || path.startsWith(`${context}/`) ? 200 : 404 }));
  container.log('Hazelcast Management Center successfully started');
  await until(container.signal);
  return TERMINATED;
}
