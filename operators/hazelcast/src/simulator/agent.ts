import { until } from './until.ts';
import { agentApi } from './agent-api.ts';
import type { SimulatedBuckets } from './buckets.ts';
import type { Container, Program } from './container.ts';
import { initContainer } from './init-container.ts';
import { serve, serveTls } from './http.ts';

const PORTS = { health: 8080, api: 8443 } as const;
const FAILURE = 1;

/** Agents that fill these buckets. */
export const agent =
  (buckets: SimulatedBuckets): Program =>
  (container) =>
    run(container, buckets);

/**
 * The agent beside a member. As init container it does what its file says and ends. As sidecar it says that it is well, and takes orders from who has its certificate, until it is stopped.
 */
async function run(container: Container, buckets: SimulatedBuckets): Promise<number> {
  if (container.args[0] === 'execute-multiple-commands') return initContainer(container);
  const file = (name: string) => container.readFile(container.env[name] ?? '');
  const [ca, cert, key] = [file('BACKUP_CA'), file('BACKUP_CERT'), file('BACKUP_KEY')];
  if (ca === undefined || cert === undefined || key === undefined) {
    container.log('cannot read the certificate');
    return FAILURE;
  }
  using _health = serve(container, PORTS.health, (_, path) => (path === '/health' ? { status: 200 } : { status: 404 }));
  using api = agentApi(container, buckets);
  using _api = serveTls(container, PORTS.api, { ca, cert, key }, (method, path, body) => api.answer(method, path, body));
  container.log('Starting sidecar agent...');
  await until(container.signal);
  return 0;
}
