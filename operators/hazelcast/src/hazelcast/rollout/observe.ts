import { createHash } from 'node:crypto';
import type { DeepReadonly, Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import type { Cluster } from '../../api/hazelcast.ts';
import { licenceSecret } from '../../api/check/licence.ts';
import { hasFormed } from '../../api/check/update.ts';
import { UPGRADE_LOSING_DATA, losesMemory, versionProblem } from '../../api/check/version.ts';
import { MemberError } from '../../protocol/error.ts';
import type { Health } from '../../protocol/health.ts';
import type { Members } from '../../protocol/members.ts';
import { isReady, isTerminating, ordinalOf } from '../members/pods.ts';
import { TEMPLATE_HASH } from '../names.ts';
import type { Observed } from './plan.ts';
import type { Pod } from '../../pod.ts';

/** A fingerprint of a pod template as we send it. */
export function templateHash(template: DeepReadonly<unknown>): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 16);
}

/** Whether a member is to leave or to restart: not all are of the newest template, or there are more than wanted. */
export function moves(hz: Cluster, live: Live<typeof StatefulSet> | undefined, pods: readonly Live<typeof Pod>[]): boolean {
  if (live === undefined) return false;
  return hz.spec.clusterSize < (live.spec?.replicas ?? 1) || pods.some((pod) => revisionOf(pod) !== live.status?.updateRevision);
}

/** What the plan needs to know. Members are asked for their health only while one has to leave or to restart (`moving`, see moves()): in steady state nobody is asked. */
export async function observe(
  hz: Cluster,
  live: Live<typeof StatefulSet> | undefined,
  pods: readonly Live<typeof Pod>[],
  template: DeepReadonly<unknown>,
  doors: { readonly members: Members; readonly signal: AbortSignal },
  { moving, backup }: { readonly moving: boolean; readonly backup: string | undefined },
): Promise<Observed> {
  const wanted = hz.spec.clusterSize;
  const enterprise = licenceSecret(hz.spec) !== undefined;
  const spec = live === undefined ? undefined : liveOf(live, template);
  const healths = await Promise.all(pods.map(async (pod) => (moving ? await healthOf(pod, doors) : undefined)));
  return {
    wanted,
    formed: hasFormed(hz),
    incompatible: hasFormed(hz) && pods.some((pod) => losesMemory({ from: versionOf(pod.spec), to: hz.spec.version, enterprise })),
    backup,
    live: spec,
    members: pods.map((pod, index) => ({
      ordinal: ordinalOf(pod),
      terminating: isTerminating(pod),
      revision: revisionOf(pod),
      ready: isReady(pod),
      health: healths[index],
    })),
  };
}

function liveOf({ metadata, spec, status }: Live<typeof StatefulSet>, template: DeepReadonly<unknown>): NonNullable<Observed['live']> {
  return {
    replicas: spec?.replicas ?? 1,
    partition: spec?.updateStrategy?.rollingUpdate?.partition ?? 0,
    changes: metadata.annotations?.[TEMPLATE_HASH] !== templateHash(template),
    observed: (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    updateRevision: status?.updateRevision,
    complete: status?.currentRevision === status?.updateRevision,
  };
}

/** Undefined when it does not answer: the plan takes that for a member that may hold data. */
async function healthOf(pod: Live<typeof Pod>, doors: { readonly members: Members; readonly signal: AbortSignal }): Promise<Health | undefined> {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '' || isTerminating(pod)) return undefined;
  try {
    return await doors.members.health(ip, doors.signal);
  } catch (error) {
    if (error instanceof MemberError) return undefined;
    throw error;
  }
}

function revisionOf(pod: Live<typeof Pod>): string | undefined {
  return pod.metadata.labels?.['controller-revision-hash'];
}

/**
 * Why the version may not become that of the spec, or undefined: the rule of admission once more, for edits that nobody judged. From the template there is,
 * since the spec of before is not known.
 */
export function refusedVersion(hz: Cluster, live: Live<typeof StatefulSet> | undefined, pods: readonly Live<typeof Pod>[]): string | undefined {
  if (live === undefined || !hasFormed(hz)) return undefined;
  return versionProblem({
    from: versionOf(live.spec?.template.spec),
    to: hz.spec.version,
    enterprise: licenceSecret(hz.spec) !== undefined,
    running: pods.map((pod) => versionOf(pod.spec)),
    yes: hz.metadata.annotations?.[UPGRADE_LOSING_DATA],
  });
}

/** The tag of the member's image. */
function versionOf(spec: { readonly containers: readonly { readonly name: string; readonly image?: string }[] } | undefined): string {
  const image = spec?.containers.find(({ name }) => name === 'hazelcast')?.image ?? '';
  return /:([^:/@]+)$/.exec(image)?.[1] ?? '';
}
