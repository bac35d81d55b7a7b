import type { HostPort } from '../../sql/host-port.ts';

/** A front end that is a member; `ordinal` is absent for one that is no pod of ours. */
export interface Follower {
  readonly address: HostPort;
  readonly ordinal: number | undefined;
  readonly role: string;
  readonly alive: boolean;
  readonly master: boolean;
}

/** `wanted` by the spec, `replicas` of the StatefulSet now, all members that Doris lists. */
export interface ObservedFrontends {
  readonly wanted: number;
  readonly replicas: number;
  readonly frontends: readonly Follower[];
}

export type FrontendAction =
  | { readonly do: 'drop'; readonly frontend: Follower }
  /** The master cannot be dropped: its pod is restarted, so that another takes over. */
  | { readonly do: 'moveMaster'; readonly ordinal: number }
  | { readonly do: 'shrink'; readonly replicas: number }
  | { readonly do: 'wait' | 'refuse'; readonly reason: string; readonly message: string };

/**
 * The next move towards `wanted` front ends; none when there. One at a time, the highest ordinal first, out of the group before its pod goes: a group that
 * counts members which are gone loses its majority. Before each move those that stay have a living majority among themselves.
 */
export function frontendPlan(o: ObservedFrontends): readonly FrontendAction[] {
  if (o.replicas <= o.wanted) return [];
  if (o.wanted < 1) return [{ do: 'refuse', reason: 'LastFrontEnd', message: 'at least one front end must stay: it holds the metadata' }];
  const last = o.frontends.find((frontend) => frontend.ordinal === o.replicas - 1);
  if (last === undefined) return [{ do: 'shrink', replicas: o.replicas - 1 }];
  if (last.role !== 'FOLLOWER') return [{ do: 'drop', frontend: last }]; // does not vote
  const followers = o.frontends.filter((frontend) => frontend.role === 'FOLLOWER');
  // One that leaves later and leads gives that up while three vote: of two none could be elected while the other restarts.
  const leader = followers.find((frontend) => frontend.master);
  const others = followers.filter((frontend) => frontend.alive && frontend !== leader).length;
  if (leader?.ordinal !== undefined && leader.ordinal >= o.wanted && leader !== last && others * 2 > followers.length)
    return [{ do: 'moveMaster', ordinal: leader.ordinal }];
  const staying = followers.filter((frontend) => frontend !== last);
  const alive = staying.filter((frontend) => frontend.alive).length;
  if (alive * 2 <= staying.length) {
    const message = `${last.address} cannot leave: ${alive} of the ${staying.length} followers that would stay are alive, and they need a majority`;
    return [{ do: 'wait', reason: 'QuorumAtRisk', message }];
  }
  if (!last.master) return [{ do: 'drop', frontend: last }];
  // While the master restarts the others elect one, and the group is as large as before.
  if (alive * 2 <= staying.length + 1) {
    const down = staying.some((frontend) => !frontend.alive);
    const way = down ? 'bring those up that are down' : `ask for ${o.replicas + 1} front ends first, and for ${o.wanted} once they are there`;
    return [{ do: 'wait', reason: 'MasterLast', message: `${last.address} is the master, and without it too few are left to elect another: ${way}` }];
  }
  return [{ do: 'moveMaster', ordinal: o.replicas - 1 }];
}
