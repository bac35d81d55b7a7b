import type { Live } from '@binnacle/client';
import type { PersistentVolumeClaim, StatefulSet, Volume, VolumeMount } from '@binnacle/client/kinds';
import type { DeepReadonly } from '@binnacle/client';
import { jsonEqual } from '@binnacle/schema';
import type { Pvc } from '../../api/common.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { CP_CLAIM, PERSISTENCE_CLAIMS, VOLUMES, jetVolume, userCodeVolume } from '../../volume-names.ts';
import { persistenceClaim } from '../effective.ts';
import { AGENT_CERT, PATHS, initName, metaOf } from '../names.ts';

// Volumes, mounts and claims of a member's pod, in the order the existing operator has them. Source: spec/hazelcast-core.md §2.10.

/** 0644. */
const MODE = 420;

/** All but the claims. */
export function volumes(hz: Cluster): readonly Volume[] {
  const { spec } = hz;
  const empty = (name: string): Volume => ({ name, emptyDir: {} });
  const map = (name: string, configMap: string): Volume => ({ name, configMap: { name: configMap, defaultMode: MODE } });
  const secret = (name: string, secretName: string): Volume => ({ name, secret: { secretName, defaultMode: MODE } });
  return [
    secret(VOLUMES.config, hz.metadata.name),
    map(VOLUMES.agentConfig, initName(hz)),
    empty(VOLUMES.userCodeBucket),
    empty(VOLUMES.userCodeUrl),
    empty(VOLUMES.jetJars),
    empty(VOLUMES.tmp),
    secret(VOLUMES.agentCert, AGENT_CERT),
    ...(spec.userCodeNamespaces === undefined ? [] : [empty(VOLUMES.namespaces)]),
    ...(spec.userCodeDeployment?.configMaps ?? []).map((name) => map(codeVolume(hz, name), name)),
    ...(spec.jet.configMaps ?? []).map((name) => map(jetVolume(name), name)),
  ];
}

const codeVolume = (hz: Cluster, name: string) => userCodeVolume(name, hz.spec.userCodeDeployment?.triggerSequence);

const mount = (name: string, mountPath: string): VolumeMount => ({ name, mountPath });

export function memberMounts(hz: Cluster, claim: string): readonly VolumeMount[] {
  const { spec } = hz;
  return [
    mount(VOLUMES.config, PATHS.config),
    mount(VOLUMES.userCodeBucket, PATHS.bucket),
    mount(VOLUMES.userCodeUrl, PATHS.urls),
    mount(VOLUMES.jetJars, PATHS.jetJars),
    mount(VOLUMES.tmp, PATHS.tmp),
    ...persistenceMount(hz, claim),
    ...namespacesMount(hz),
    ...(spec.cpSubsystem?.pvc === undefined ? [] : [mount(CP_CLAIM, PATHS.cp)]),
    ...(spec.localDevices ?? []).map(({ name }) => mount(name, `${PATHS.tiered}/${name}`)),
    ...(spec.userCodeDeployment?.configMaps ?? []).map((name) => mount(codeVolume(hz, name), `${PATHS.userCodeMaps}/${name}`)),
    ...(spec.jet.configMaps ?? []).map((name) => mount(jetVolume(name), `${PATHS.jetJars}/${name}`)),
  ];
}

export function agentMounts(hz: Cluster, claim: string): readonly VolumeMount[] {
  return [
    mount(VOLUMES.agentCert, PATHS.agentCert),
    mount(VOLUMES.jetJars, PATHS.jetJars),
    mount(VOLUMES.userCodeBucket, PATHS.bucket),
    ...namespacesMount(hz),
    ...persistenceMount(hz, claim),
  ];
}

export function initMounts(hz: Cluster, claim: string): readonly VolumeMount[] {
  const { userCodeDeployment: code, jet } = hz.spec;
  const fetches = (one: { readonly bucketConfig?: unknown; readonly remoteURLs?: readonly string[] | undefined } | undefined) =>
    one?.bucketConfig !== undefined || (one?.remoteURLs ?? []).length > 0;
  return [
    mount(VOLUMES.agentConfig, PATHS.agentConfig),
    ...(fetches(code) ? [mount(VOLUMES.userCodeBucket, PATHS.bucket)] : []),
    ...(fetches(jet) ? [mount(VOLUMES.jetJars, PATHS.jetJars)] : []),
    ...namespacesMount(hz),
    ...persistenceMount(hz, claim),
  ];
}

function persistenceMount(hz: Cluster, claim: string): readonly VolumeMount[] {
  return hz.spec.persistence === undefined ? [] : [mount(claim, PATHS.persistence)];
}

function namespacesMount(hz: Cluster): readonly VolumeMount[] {
  return hz.spec.userCodeNamespaces === undefined ? [] : [mount(VOLUMES.namespaces, PATHS.namespaces)];
}

/** The claim template that persistence is on: that of the StatefulSet there is, since templates cannot change and a restored cluster may have the old name. */
export function claimOf(hz: Cluster, live: Live<typeof StatefulSet> | undefined): string {
  const names = (live?.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name);
  return PERSISTENCE_CLAIMS.find((name) => names.includes(name)) ?? persistenceClaim(hz);
}

interface Claim {
  /** Of its template. */
  readonly name: string;
  readonly pvc: DeepReadonly<Pvc>;
  /** It carries the annotations of the cluster's objects. */
  readonly noted: boolean;
}

/** The claims that each member is to have. */
export function wantedClaims(hz: Cluster, live: Live<typeof StatefulSet> | undefined): readonly Claim[] {
  const { persistence, cpSubsystem, localDevices = [] } = hz.spec;
  const claim = (name: string, pvc: DeepReadonly<Pvc> | undefined, noted: boolean) => (pvc === undefined ? [] : [{ name, pvc, noted }]);
  return [
    ...claim(claimOf(hz, live), persistence?.pvc, true),
    ...claim(CP_CLAIM, cpSubsystem?.pvc, true),
    ...localDevices.flatMap(({ name, pvc }) => claim(name, pvc, false)),
  ];
}

/** Claim templates. Those there are stay as they are: the API server takes no change. */
export function claims(hz: Cluster, live: Live<typeof StatefulSet> | undefined): readonly PersistentVolumeClaim[] {
  const { labels, annotations } = metaOf(hz);
  return wantedClaims(hz, live).map(({ name, pvc, noted }) => {
    const old = template(live, name);
    const meta = old?.metadata ?? { labels, ...(noted && annotations !== undefined ? { annotations } : {}) };
    return {
      metadata: {
        name,
        ...(meta.labels === undefined ? {} : { labels: meta.labels }),
        ...(meta.annotations === undefined ? {} : { annotations: meta.annotations }),
      },
      // A size that grew is given to the claims themselves.
      spec: old?.spec ?? {
        accessModes: pvc.accessModes ?? [],
        resources: { requests: { storage: String(pvc.requestStorage) } },
        ...(pvc.storageClassName === undefined ? {} : { storageClassName: pvc.storageClassName }),
      },
    };
  });
}

/** A claim of the spec that is another than its template, or has none, or is left out; undefined: there is none. Sizes are not looked at: they can grow. */
export function claimApart(hz: Cluster, live: Live<typeof StatefulSet>): string | undefined {
  const wanted = wantedClaims(hz, live);
  const other = ({ name, pvc }: Claim) => {
    const old = template(live, name)?.spec;
    return !jsonEqual(old?.accessModes ?? [], pvc.accessModes ?? []) || old?.storageClassName !== pvc.storageClassName;
  };
  const left = (live.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name).find((name) => !wanted.some((claim) => claim.name === name));
  return wanted.find(other)?.name ?? left;
}

function template(live: Live<typeof StatefulSet> | undefined, name: string): PersistentVolumeClaim | undefined {
  return live?.spec?.volumeClaimTemplates?.find(({ metadata }) => metadata?.name === name);
}
