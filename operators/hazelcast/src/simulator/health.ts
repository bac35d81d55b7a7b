import type { SimulatedCluster } from './cluster.ts';
import type { Page } from './http.ts';

const PREFIX = '/hazelcast/health';

/** The health pages of a member's REST port, as real ones answer: spec/hazelcast-members.md §5. What they do not know they hang up on. */
export function healthPage(cluster: SimulatedCluster, method: string, path: string): Page {
  if ((method !== 'GET' && method !== 'HEAD') || (path !== PREFIX && !path.startsWith(`${PREFIX}/`))) return undefined;
  const { self, state, table } = cluster;
  const size = cluster.members().length;
  const nodeState = self.started ? (state === 'PASSIVE' ? 'PASSIVE' : 'ACTIVE') : 'STARTING';
  const json = (value: unknown): Page => ({ status: 200, json: JSON.stringify(value) });
  switch (path.slice(PREFIX.length)) {
    case '':
      return json({ nodeState, clusterState: state, clusterSafe: cluster.safe(), migrationQueueSize: table.pending, clusterSize: size });
    case '/ready':
      return { status: self.started ? 200 : 503 };
    case '/node-state':
      return json(nodeState);
    case '/cluster-state':
      return json(state);
    case '/cluster-safe':
      return { status: cluster.safe() ? 200 : 503 };
    case '/migration-queue-size':
      return json(table.pending);
    case '/cluster-size':
      return json(size);
    default:
      return { status: 400 };
  }
}
