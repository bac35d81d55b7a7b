import type { AnyKind, Live } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import type { LabelSelector } from '@binnacle/client/kinds';
import type { World } from '@binnacle/runtime';
import { around } from './around.ts';
import { selects } from './labels.ts';
import { controlledBy, controllerOf } from './owner.ts';
import { isActive } from './pod.ts';

/**
 * The pods an owner controls, after adopting orphans that its selector selects and letting go of pods that it no longer does. One that is being deleted does
 * neither. @throws {ApiError}
 */
export async function claimPods<K extends AnyKind>(
  kind: K,
  owner: Live<K> & { readonly spec?: { readonly selector?: LabelSelector } },
  { cache, api, signal }: Pick<World, 'cache' | 'api' | 'signal'>,
): Promise<readonly Live<typeof Pod>[]> {
  const pods: Live<typeof Pod>[] = [];
  const { uid, deletionTimestamp } = owner.metadata as { readonly uid: string; readonly deletionTimestamp?: string };
  const stays = deletionTimestamp === undefined;
  for (const pod of around(Pod, owner, cache)) {
    const controller = controllerOf(pod);
    const fits = selects(owner.spec?.selector, pod.metadata.labels);
    const others = (pod.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
    // With the version: somebody else may be adopting it at the same time.
    const own = (ownerReferences: readonly unknown[]) =>
      api.patch(
        Pod,
        pod.metadata,
        { type: 'merge', body: { metadata: { uid: pod.metadata.uid, resourceVersion: pod.metadata.resourceVersion, ownerReferences } } },
        { signal },
      );
    if (controller?.uid === uid) {
      if (fits) pods.push(pod);
      else if (stays) await own(others);
    } else if (stays && controller === undefined && fits && isActive(pod)) pods.push(await own([...others, controlledBy(kind, owner)]));
  }
  return pods;
}
