import type { Live } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import type { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import { namesOf } from '../cluster/names.ts';
import type { Place } from '../cluster/names.ts';
import type { Status } from '../api/status.ts';
import { clusterFrom } from '../cluster/objects/cluster.ts';
import type { Cluster } from '../cluster/objects/cluster.ts';
import { scalersFrom } from './others.ts';

type AnyAutoscaler = (typeof AUTOSCALERS)[number];

interface Reading {
  get(kind: typeof StatefulSet, name: string): Promise<Live<typeof StatefulSet> | undefined>;
  list(kind: AnyAutoscaler): Promise<readonly Live<AnyAutoscaler>[]>;
}

/**
 * A DorisCluster with as many nodes as it is to have: what the spec says, or with an autoscaler what its HorizontalPodAutoscaler asks for: of compute nodes in the
 * autoscaler's `spec.replicas`, of back ends on their StatefulSet, where the spec may still ask for more. Until it has asked: what there is. The existing operator
 * left the number out and so fell back to one node at every edit (spec/doris-operator.md §10 #8). Without an autoscaler: one more for each node that another was added for.
 */
export async function scaledCluster(object: Parameters<typeof clusterFrom>[0] & { readonly status?: unknown }, cx: Reading): Promise<Cluster> {
  const cluster = clusterFrom(object);
  let { spec } = cluster;
  const { failover } = (object.status ?? {}) as Status; // sound: a Live status is the declared one
  const live = async (part: 'cn' | 'be') => (await cx.get(StatefulSet, namesOf(cluster.name, part).statefulSet))?.spec?.replicas;
  const first = async (part: 'cn' | 'be') => (await scalersFrom((kind) => cx.list(kind), `${cluster.name}/${part}`))[0]?.spec;
  if (spec.cn !== undefined) {
    const by = await first('cn');
    const { min = 1, max = Infinity } = by?.cn?.replicas ?? {};
    // Without a maximum the autoscaler does nothing, and says so.
    if (by !== undefined && max >= 1 && max < Infinity) {
      const asked = by.replicas ?? (await live('cn')) ?? spec.cn.replicas;
      spec = { ...spec, cn: { ...spec.cn, replicas: Math.min(Math.max(asked, min), max) } };
    }
  }
  if (spec.be !== undefined && (await first('be')) !== undefined) {
    spec = { ...spec, be: { ...spec.be, replicas: Math.max(spec.be.replicas, (await live('be')) ?? 0) } };
  }
  for (const part of ['be', 'cn'] as const) {
    const component = spec[part];
    const added = failover?.[part]?.filter((one) => one.addedAt !== undefined).length ?? 0;
    if (component === undefined || added === 0 || (await first(part)) !== undefined) continue;
    spec = { ...spec, [part]: { ...component, replicas: component.replicas + added } };
  }
  return { ...cluster, spec };
}

/** Whether an autoscaler says how many nodes of the component there are. */
export async function isAutoscaled(cluster: Place, part: 'cn' | 'be', cx: Pick<Reading, 'list'>): Promise<boolean> {
  return (await scalersFrom((kind) => cx.list(kind), `${cluster.name}/${part}`)).length > 0;
}
