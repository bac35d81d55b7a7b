import type { MonitorSpec } from '../../api/doris-monitor.ts';
import type { Spec } from '../../api/spec.ts';
import type { PartName, ShipperName } from '../names.ts';

/** What builders are given. They are pure. */
export interface Monitor {
  readonly name: string;
  readonly namespace: string;
  readonly spec: MonitorSpec;
  readonly quorum: Quorum;
}

/** How many front ends vote; the others are observers, of which none is needed for a quorum. */
export interface Quorum {
  /** Pods that vote, as a regular expression of Prometheus. */
  readonly voters: string;
  readonly votes: number;
}

/** Of a cluster that is not known at least one front end has to answer. */
const UNKNOWN: Quorum = { voters: '.*', votes: 1 };

function quorumOf(cluster: { readonly metadata: { readonly name: string }; readonly spec: unknown } | undefined): Quorum {
  const { fe } = (cluster?.spec ?? {}) as Partial<Spec>; // sound: a Live spec is the declared one
  if (cluster === undefined || fe === undefined) return UNKNOWN;
  const votes = Math.min(fe.followers ?? fe.replicas, fe.replicas);
  return { voters: `${cluster.metadata.name}-fe-(${Array.from({ length: votes }, (_, ordinal) => ordinal).join('|')})`, votes };
}

/** A DorisMonitor as builders take it, and the cluster that it is for, where that is known. */
export function monitorFrom(
  { metadata, spec }: { readonly metadata: { readonly name: string; readonly namespace?: string }; readonly spec: unknown },
  cluster?: Parameters<typeof quorumOf>[0],
): Monitor {
  return { name: metadata.name, namespace: metadata.namespace ?? '', spec: spec as MonitorSpec, quorum: quorumOf(cluster) }; // sound: a Live spec is the declared one
}

/** Whether a part is to be there. */
export function isWanted({ spec }: Monitor, part: PartName | ShipperName): boolean {
  if (spec.cluster === '' || spec[part] === undefined) return false;
  return spec.disableLoki !== true || part === 'prometheus' || part === 'grafana';
}
