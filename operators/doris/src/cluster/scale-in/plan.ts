import type { Backend } from '../../sql/backends.ts';
import type { HostPort } from '../../sql/host-port.ts';

/** A back end that is a pod of ours. `leavingByUs`: we began to move its data away. */
export interface OurBackend extends Pick<Backend, 'alive' | 'decommissioned' | 'tablets'> {
  readonly address: HostPort;
  readonly ordinal: number;
  readonly leavingByUs: boolean;
}

/** `wanted` by the spec, `replicas` of the StatefulSet now, `replication` the most copies any table keeps, all `backends` of ours that Doris lists. */
export interface Observed {
  readonly wanted: number;
  readonly replicas: number;
  readonly replication: number;
  readonly backends: readonly OurBackend[];
}

export type Action =
  | { readonly do: 'decommission' | 'cancelDecommission' | 'drop'; readonly backend: OurBackend }
  | { readonly do: 'shrink'; readonly replicas: number }
  | { readonly do: 'wait' | 'refuse'; readonly reason: string; readonly message: string };

/**
 * The next moves towards `wanted` back ends; none when there. One node at a time, the highest ordinal first: a StatefulSet can lose no other.
 * `shrink` comes last, after the data. A node that is stuck stays `wait`, for ever if need be: time alone never makes a removal safe.
 */
export function plan(o: Observed): readonly Action[] {
  // Only what we began is ours to cancel: a DBA decommissions by hand as well.
  const askedBack = o.backends.filter((backend) => backend.leavingByUs && backend.decommissioned && backend.ordinal < o.wanted);
  if (askedBack.length > 0) return askedBack.map((backend) => ({ do: 'cancelDecommission', backend }));
  if (o.replicas <= o.wanted) return [];
  const last = o.backends.find((backend) => backend.ordinal === o.replicas - 1);
  if (last === undefined) return [{ do: 'shrink', replicas: o.replicas - 1 }]; // Doris drops an emptied node by itself; or we did, then crashed
  if (!last.decommissioned) {
    const staying = o.backends.filter((backend) => backend.alive && !backend.decommissioned && backend !== last).length;
    if (staying < o.replication) return [{ do: 'refuse', reason: 'TooFewBackends', message: tooFew(last, staying, o.replication) }];
    return [{ do: 'decommission', backend: last }];
  }
  if (last.tablets > 0) return [{ do: 'wait', reason: 'MovingTablets', message: `${last.address}: ${last.tablets} tablets left` }];
  return [{ do: 'drop', backend: last }];
}

const tooFew = (last: OurBackend, staying: number, replication: number): string =>
  `${last.address} cannot leave: ${staying} back ends would stay and tables keep ${replication} copies; raise be.replicas again or lower the tables' replication_num`;
