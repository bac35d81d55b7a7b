import { licenceSecret } from '../api/check.ts';
import type { Cluster } from '../api/hazelcast.ts';
import { ENTERPRISE_REPOSITORY, OPEN_SOURCE_REPOSITORY } from '../api/spec.ts';

export { licenceSecret } from '../api/check.ts';

/** No members wanted: they stop, and what clients and volumes rely on stays. */
export const isPaused = (hz: Cluster): boolean => hz.spec.clusterSize === 0;

/** Each member has an address of its own outside the cluster. */
export const isSmart = (hz: Cluster): boolean => hz.spec.exposeExternally?.type === 'Smart';

/** How members are reached from outside; undefined where they have no address of their own. */
export function memberAccess(hz: Cluster): 'NodePortExternalIP' | 'NodePortNodeName' | 'LoadBalancer' | undefined {
  return isSmart(hz) ? (hz.spec.exposeExternally?.memberAccess ?? 'NodePortExternalIP') : undefined;
}

/**
 * The image that runs. A licence means Enterprise, and none means open source, where the spec has just the other default: an Enterprise member does not
 * start without a licence, and an open-source one ignores it. Any other repository is the user's choice.
 */
export function memberImage(hz: Cluster): string {
  return `${memberRepository(hz)}:${hz.spec.version}`;
}

/** The repository of `memberImage`. */
export function memberRepository(hz: Cluster): string {
  const { repository } = hz.spec;
  const licensed = licenceSecret(hz.spec) !== undefined;
  if (licensed && repository === OPEN_SOURCE_REPOSITORY) return ENTERPRISE_REPOSITORY;
  if (!licensed && repository === ENTERPRISE_REPOSITORY) return OPEN_SOURCE_REPOSITORY;
  return repository;
}

/** The claim template for persistence: named by what is restored, if that is on the volume already. */
export function persistenceClaim(hz: Cluster): string {
  return hz.spec.persistence?.restore?.localConfig?.pvcNamePrefix ?? 'persistence';
}

/** Encryption, if a Secret is named: one without is how it is written when it is off. */
export function tlsOf(hz: Cluster): { readonly secretName: string; readonly mutualAuthentication: 'None' | 'Required' | 'Optional' } | undefined {
  const { tls } = hz.spec;
  return tls === undefined || tls.secretName === '' ? undefined : tls;
}
