import type { Backend } from '../../sql/backends.ts';
import type { FrontEnd } from '../../sql/front-end.ts';
import { highestReplication } from '../../sql/replication.ts';
import { ordinalOf } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import type { Observed, OurBackend } from './plan.ts';

/** What plan() decides from, as the master says now: `listed` are all back ends. Back ends that are no pods of ours are not counted on: they may be leaving for all we know. */
export async function observe(
  cluster: Cluster,
  name: 'be' | 'cn',
  from: { readonly fe: FrontEnd; readonly listed: readonly Backend[]; readonly replicas: number; readonly leaving: readonly string[] },
  signal: AbortSignal,
): Promise<Observed> {
  const backends: OurBackend[] = [];
  for (const one of from.listed) {
    const ordinal = ordinalOf(cluster, name, one.host);
    if (ordinal === undefined) continue;
    const { address, alive, decommissioned, tablets } = one;
    backends.push({ address, alive, decommissioned, tablets, ordinal, leavingByUs: from.leaving.includes(address) });
  }
  // Asked only when a node is about to leave: it takes a statement a table. Compute nodes keep no copies.
  const last = backends.find((backend) => backend.ordinal === from.replicas - 1);
  const asked = name === 'be' && last !== undefined && !last.decommissioned;
  return { wanted: componentOf(cluster, name).replicas, replicas: from.replicas, replication: asked ? await highestReplication(from.fe, signal) : 0, backends };
}
