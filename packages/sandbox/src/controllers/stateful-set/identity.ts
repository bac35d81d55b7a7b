import type { DeepReadonly, Live } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import type { OwnerReference, PersistentVolumeClaim, Pod, PodTemplateSpec } from '@binnacle/client/kinds';
import { canonical } from '../hash.ts';
import { controlledBy } from '../owner.ts';

type Set_ = Live<typeof StatefulSet>;
type LivePod = Live<typeof Pod>;
type LiveClaim = Live<typeof PersistentVolumeClaim>;

/** The pod of an ordinal, made from a revision's template: its name, labels, host name and claims are its identity and survive the pod. */
export function podOf(set: Set_, ordinal: number, revision: { readonly name: string; readonly template: DeepReadonly<PodTemplateSpec> }) {
  const { metadata, spec } = revision.template;
  const name = `${set.metadata.name}-${ordinal}`;
  const claims = (set.spec?.volumeClaimTemplates ?? []).map(({ metadata: template }) => ({
    name: template?.name ?? '',
    persistentVolumeClaim: { claimName: claimName(set, template?.name ?? '', ordinal) },
  }));
  const claimed = new Set(claims.map((volume) => volume.name));
  const volumes = [...claims, ...(spec?.volumes ?? []).filter((volume) => !claimed.has(volume.name))];
  return {
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: { ...metadata?.labels, ...identityLabels(name, ordinal), 'controller-revision-hash': revision.name },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controlledBy(StatefulSet, set)],
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec?.serviceName === undefined || set.spec.serviceName === '' ? {} : { subdomain: set.spec.serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** Labels that tell one pod of a set from the others. */
export function identityLabels(name: string, ordinal: number): Readonly<Record<string, string>> {
  return { 'statefulset.kubernetes.io/pod-name': name, 'apps.kubernetes.io/pod-index': String(ordinal) };
}

/** `<template>-<set>-<ordinal>`. */
export function claimName(set: Set_, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`;
}

/** The claims of an ordinal, as they are created: the templates with the set's selector labels. Whose they are is settled when their pod is there. */
export function claimsOf(set: Set_, ordinal: number) {
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      name: claimName(set, metadata?.name ?? '', ordinal),
      namespace: set.metadata.namespace,
      labels: { ...metadata?.labels, ...set.spec?.selector.matchLabels },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
    },
    spec,
  }));
}

/**
 * The owners a claim should have under the retention policy, or undefined when they are right. `condemned`: the pod is beyond the wanted ordinals,
 * and with `whenScaled: Delete` the claim goes with it. Owners that are neither the set nor the pod are left alone.
 */
export function claimOwners(set: Set_, claim: LiveClaim, pod: LivePod, condemned: boolean): readonly OwnerReference[] | undefined {
  const { whenDeleted, whenScaled } = retention(set);
  const withPod = whenScaled === 'Delete' && condemned;
  const now = claim.metadata.ownerReferences ?? [];
  const wanted = [
    ...now.filter(({ uid, kind, name }) => uid !== set.metadata.uid && !(kind === 'Pod' && name === pod.metadata.name)),
    ...(whenDeleted === 'Delete' && !withPod ? [controlledBy(StatefulSet, set)] : []),
    ...(withPod ? [{ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid, controller: true, blockOwnerDeletion: true }] : []),
  ];
  const key = (references: readonly OwnerReference[]) => canonical(references.map(({ uid }) => uid).toSorted());
  return key(now) === key(wanted) ? undefined : wanted;
}

/** Whether a claim is on its way out with an earlier pod of the same name: a new pod must not get hold of it. */
export function isStale(claim: LiveClaim, pods: readonly LivePod[]): boolean {
  return (claim.metadata.ownerReferences ?? []).some(({ kind, uid }) => kind === 'Pod' && !pods.some((pod) => pod.metadata.uid === uid));
}

function retention(set: Set_): { readonly whenDeleted: string; readonly whenScaled: string } {
  const policy = set.spec?.persistentVolumeClaimRetentionPolicy;
  return { whenDeleted: policy?.whenDeleted ?? 'Retain', whenScaled: policy?.whenScaled ?? 'Retain' };
}
