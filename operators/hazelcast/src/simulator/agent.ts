import { until } from './until.ts';
import type { Container } from './container.ts';
import { serve } from './http.ts';

const HEALTH_PORT = 8080;
const FAILURE = 1;

/**
 * The agent beside a member. As init container it does what its file says and ends; the simulated one has nothing to download from, so it only refuses what
 * it cannot read. As sidecar it says that it is well until it is stopped.
 */
export async function agent(container: Container): Promise<number> {
  if (container.args[0] === 'execute-multiple-commands') {
    const path = container.env['CONFIG_FILE'] ?? '';
    if (container.readFile(path) !== undefined) return 0;
    container.log(`cannot read ${path}`);
    return FAILURE;
  }
  using _health = serve(container, HEALTH_PORT, (_, path) => (path === '/health' ? { status: 200 } : { status: 404 }));
  container.log('Starting sidecar agent...');
  await until(container.signal);
  return 0;
}
