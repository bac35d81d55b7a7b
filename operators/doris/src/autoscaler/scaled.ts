import type { Live } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import { DorisAutoscaler } from '../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { namesOf } from '../cluster/names.ts';
import { clusterFrom } from '../cluster/objects/cluster.ts';
import type { Cluster } from '../cluster/objects/cluster.ts';
import { directionsOf } from './hpa.ts';

interface Reading {
  get(kind: typeof StatefulSet, name: string): Promise<Live<typeof StatefulSet> | undefined>;
  list(kind: typeof DorisAutoscaler): Promise<readonly Live<typeof DorisAutoscaler>[]>;
}

/**
 * A DorisCluster with as many compute nodes as it is to have: what the spec says, or with an autoscaler what the StatefulSet has, which the
 * HorizontalPodAutoscalers write. Until there is a StatefulSet: the spec's number, within the autoscaler's bounds. The existing operator left the
 * number out and so fell back to one node at every edit (spec/doris-operator.md §10 #8).
 */
export async function scaledCluster(object: Parameters<typeof clusterFrom>[0], cx: Reading): Promise<Cluster> {
  const cluster = clusterFrom(object);
  const { cn } = cluster.spec;
  if (cn === undefined) return cluster;
  const autoscalers = (await cx.list(DorisAutoscaler)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const spec = autoscalers.map((one) => one.spec as AutoscalerSpec).find((one) => one.cluster === cluster.name && scales(one)); // sound: a Live spec is the declared one
  if (spec === undefined) return cluster;
  const live = await cx.get(StatefulSet, namesOf(cluster.name, 'cn').statefulSet);
  const { min = 1, max = Infinity } = spec.cn?.replicas ?? {};
  const replicas = live?.spec?.replicas ?? Math.min(Math.max(cn.replicas, min), max);
  return { ...cluster, spec: { ...cluster.spec, cn: { ...cn, replicas } } };
}

/** Whether it asks for any HorizontalPodAutoscaler: one without rules leaves the number to the cluster. */
const scales = (spec: AutoscalerSpec): boolean => (spec.cn?.replicas?.max ?? 0) >= 1 && directionsOf(spec).length > 0;
