import type { SimulatedCluster } from './cluster.ts';
import type { Page } from './http.ts';

const PREFIX = '/hazelcast/rest/management/cluster/';
const ACTIONS = ['forceStart', 'partialStart'] as const;

/** Orders on a member's REST port; undefined: it knows none of that path. Bodies `<cluster name>&<password>`, answers: spec/hazelcast-members.md §5. */
export function managementPage(cluster: SimulatedCluster, method: string, path: string, body: string): Page {
  const action = ACTIONS.find((known) => path === `${PREFIX}${known}`);
  if (method !== 'POST' || action === undefined) return undefined;
  const [name, password] = body.split('&');
  if (password === undefined) return { status: 400, json: '{"status":"fail","message":"This endpoint expects at least 2 parameters"}' };
  if (name !== cluster.self.clusterName) return { status: 403, json: '{"status":"fail","message":"unauthenticated"}' };
  // No error where nothing was done.
  return { status: 200, json: JSON.stringify({ status: cluster.startup(action) ? 'success' : 'fail' }) };
}
