import type { Live } from '@binnacle/client';
import type { PersistentVolumeClaim, StatefulSet } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { isLarger, requested } from '../claim.ts';
import { labelsOf, namesOf } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { valueHash } from '../hash.ts';
import { changes } from '../rollout/changes.ts';
import { componentOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { configAnnotation, configHash, isLive } from './config.ts';
import { SYSCTL } from './entry.ts';
import { podTemplate } from './pod.ts';
import { partsOf } from './parts.ts';
import { TEMPLATE, partition } from './partition.ts';
import { claims } from './storage.ts';

/** On a StatefulSet: the back ends whose data we began to move away, `host:port` joined by commas. Written before the first statement. */
export const LEAVING = 'al-assad.github.io/leaving';

/** Notes on a StatefulSet that stay until somebody says otherwise: what an ordered restart has to remember beyond a crash. */
const NOTES = [
  'al-assad.github.io/restarted',
  'al-assad.github.io/master-moves',
  'al-assad.github.io/suspended-replicas',
  'al-assad.github.io/taken-over',
] as const;
/** The pod restarted last and when its node had started before that; how often the master was moved; how many pods there were when the cluster was suspended; with which template it was taken over, and what that changes. */
export const [RESTARTED, MASTER_MOVES, SUSPENDED, TAKEN_OVER] = NOTES;
export type Note = (typeof NOTES)[number];

/** On a StatefulSet that another operator had made with a container that sets vm.max_map_count, unasked: it stays. One that was asked for goes when it is not any more. */
const HAD_SYSCTL = 'al-assad.github.io/had-sysctl';

function hadSysctl(live: Live<typeof StatefulSet> | undefined): boolean {
  const annotations = live?.metadata.annotations ?? {};
  if (annotations[TEMPLATE] !== undefined) return annotations[HAD_SYSCTL] !== undefined;
  return live?.spec?.template.spec?.initContainers?.some((one) => one.name === SYSCTL) === true;
}

/** What a StatefulSet has that does not follow from the spec. */
export interface Kept {
  readonly replicas: number;
  /** See LEAVING. */
  readonly leaving: readonly string[];
  /** The live object: fields that may not change any more are taken from it, and notes. */
  readonly live: Live<typeof StatefulSet> | undefined;
  /** From which ordinal on pods may be restarted with the template. Absent: as it is, and none after the template has changed. */
  readonly partition?: number;
  /** Notes that change; `undefined` takes one away. */
  readonly notes?: { readonly [N in Note]?: string | undefined };
  /** The configuration has to be started with, or its change is not one that could be made on running pods: see live-config/step.ts. */
  readonly restart?: boolean;
}

/** A component's StatefulSet with `replicas` pods: often more than the spec's, since pods go last when members leave. */
export function statefulSet(cluster: Cluster, name: ComponentName, kept: Kept): Desired<typeof StatefulSet> {
  const labels = labelsOf(cluster.name, name);
  const volumes = name === 'fe' || name === 'be' ? (liveClaims(kept.live) ?? claims(cluster, name)) : undefined;
  const policy = kept.live?.spec?.podManagementPolicy ?? (name === 'fe' ? 'OrderedReady' : 'Parallel');
  const { template, hash } = templateOf(cluster, name, kept);
  return {
    name: namesOf(cluster.name, name).statefulSet,
    labels,
    annotations: {
      ...notesOf(kept),
      ...takeOver(kept.live, template, hash),
      ...(kept.leaving.length === 0 ? {} : { [LEAVING]: kept.leaving.join(',') }),
      ...(hadSysctl(kept.live) ? { [HAD_SYSCTL]: 'true' } : {}),
      [TEMPLATE]: hash,
    },
    spec: {
      replicas: kept.replicas,
      selector: { matchLabels: labels },
      serviceName: namesOf(cluster.name, name).peerService,
      podManagementPolicy: policy,
      updateStrategy: isOnDelete(cluster, name) ? { type: 'OnDelete' } : { type: 'RollingUpdate', rollingUpdate: { partition: partition(kept, hash) } },
      template,
      ...(volumes === undefined ? {} : { volumeClaimTemplates: volumes }),
    },
  };
}

/**
 * The pods' template. When nothing but the configuration differs from the one there is, it stays as it is, and pods run on: whether they have to restart
 * for it is found out by asking them, and then said by `restart`.
 */
function templateOf(cluster: Cluster, name: ComponentName, { live, restart }: Kept): Template {
  const parts = partsOf(cluster, name, hadSysctl(live));
  const started = (config: string): Template => {
    const template = podTemplate(cluster, name, parts, config);
    return { template, hash: valueHash(template) };
  };
  const wanted = configHash(cluster, name);
  const had = startedWith(name, live);
  if (restart === true || had === undefined || had === wanted || !isLive(name)) return started(wanted);
  const held = started(had);
  return held.hash === live?.metadata.annotations?.[TEMPLATE] ? held : started(wanted);
}

interface Template {
  readonly template: ReturnType<typeof podTemplate>;
  readonly hash: string;
}

/** The hash of the configuration that pods of the template start with, or of one that differs from it by what running pods were told. */
export const startedWith = (name: ComponentName, live: Live<typeof StatefulSet> | undefined): string | undefined =>
  live?.spec?.template.metadata?.annotations?.[configAnnotation(name)];

/** How many pods it had when the cluster was suspended; `undefined`: it is not. */
export function suspendedReplicas(live: Live<typeof StatefulSet> | undefined): number | undefined {
  const note = live?.metadata.annotations?.[SUSPENDED];
  return note === undefined ? undefined : Number(note);
}

/**
 * A StatefulSet without pods that remembers how many it had. Its template stays what it is, whatever the spec wants by now: without pods Kubernetes would take
 * a new one at once for all, and no order of restarts would be kept.
 */
export function stopped(live: Live<typeof StatefulSet>): Desired<typeof StatefulSet> {
  const { metadata, spec } = live;
  const { [TAKEN_OVER]: _, ...withoutTakeOver } = metadata.annotations ?? {};
  const volumes = liveClaims(live);
  return {
    name: metadata.name,
    labels: metadata.labels,
    // Whoever starts again starts with the template wanted: no restart is left to wait for.
    annotations: { ...withoutTakeOver, [SUSPENDED]: String(suspendedReplicas(live) ?? spec?.replicas ?? 0) },
    spec: { ...spec!, replicas: 0, ...(volumes === undefined ? {} : { volumeClaimTemplates: volumes }) },
  };
}

/** Written with the first template that we give to a StatefulSet which another operator made. */
function takeOver(live: Live<typeof StatefulSet> | undefined, template: object, hash: string): Readonly<Record<string, string>> {
  if (live === undefined || live.metadata.annotations?.[TEMPLATE] !== undefined) return {};
  const what = changes(template, live.spec?.template);
  return what.length === 0 ? {} : { [TAKEN_OVER]: `${hash} ${what.join(', ')}` };
}

/** Whether the user restarts a component's pods by hand. */
export function isOnDelete(cluster: Cluster, name: ComponentName): boolean {
  return (componentOf(cluster, name).statefulSetUpdateStrategy || cluster.spec.statefulSetUpdateStrategy) === 'OnDelete';
}

function notesOf({ live, notes = {} }: Kept): Readonly<Record<string, string>> {
  const before = live?.metadata.annotations;
  return given(Object.fromEntries(NOTES.map((name) => [name, name in notes ? notes[name] : before?.[name]]))) as Readonly<Record<string, string>>;
}

/** How the volumes wanted differ from those that the StatefulSet was made with, and cannot follow: one line each; none: all is well. */
export function fixedVolumes(
  cluster: Cluster,
  name: 'fe' | 'be',
  live: Live<typeof StatefulSet> | undefined,
): readonly { readonly fatal: boolean; readonly message: string }[] {
  const had = liveClaims(live);
  if (had === undefined) return [];
  const wanted = claims(cluster, name);
  const faults = [];
  for (const claim of wanted) {
    const before = had.find((one) => one.metadata?.name === claim.metadata?.name);
    if (before === undefined) faults.push({ fatal: true, message: `volume ${claim.metadata?.name} cannot be added to a StatefulSet that exists` });
    else if (before.spec?.storageClassName !== claim.spec?.storageClassName)
      faults.push({ fatal: false, message: `volume ${claim.metadata?.name} keeps its storage class` });
    else if (isLarger(requested(before), requested(claim)))
      faults.push({ fatal: false, message: `volume ${claim.metadata?.name} keeps its size of ${requested(before)}: volumes do not shrink` });
  }
  return faults;
}

// Claim templates and the pod management policy are fixed for life: an apply that changes them is refused as a whole, image and replicas included.
function liveClaims(live: Live<typeof StatefulSet> | undefined): readonly PersistentVolumeClaim[] | undefined {
  return live?.spec?.volumeClaimTemplates?.map(({ metadata, spec }) => ({
    metadata: { name: metadata?.name ?? '' },
    spec: {
      accessModes: spec?.accessModes ?? ['ReadWriteOnce'],
      resources: { requests: { storage: String(spec?.resources?.requests?.['storage']) } },
      ...(spec?.storageClassName === undefined ? {} : { storageClassName: spec.storageClassName }),
    },
  }));
}
