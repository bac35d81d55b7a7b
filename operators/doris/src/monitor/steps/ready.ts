import type { Live } from '@binnacle/client';
import { DaemonSet, StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Context } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { brokenBecause } from '../../cluster/rollout/act.ts';
import { isSeen, templateOf } from '../../cluster/rollout/observe.ts';
import { labelsBeside } from '../../labels.ts';
import { Pod } from '../../pod.ts';
import { PARTS, SHIPPERS, partName } from '../names.ts';
import type { PartName } from '../names.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';
import { isEverywhere, isUp } from '../up.ts';

/** The last step: every part's pod is ready. What is not wanted any more goes first: a part that stays down must not keep it. */
export const ready = step('ready', DorisMonitor, { owns: [StatefulSet, DaemonSet, Pod] }, async (object, cx) => {
  const monitor = monitorFrom(object);
  const missing: string[] = [];
  for (const part of PARTS) {
    const name = partName(monitor.name, part);
    if (!isWanted(monitor, part)) {
      await cx.delete(StatefulSet, name);
      continue;
    }
    const set = await cx.get(StatefulSet, name);
    if (set === undefined || !isUp(set)) missing.push(await why(set, { name, cluster: monitor.spec.cluster, part }, cx));
  }
  for (const shipper of SHIPPERS) {
    const name = partName(monitor.name, shipper);
    const agents = await cx.get(DaemonSet, name);
    if (!isWanted(monitor, shipper)) await cx.delete(DaemonSet, name);
    else if (agents === undefined || !isEverywhere(agents)) missing.push(name);
  }
  return missing.length === 0 ? done : waitFor('PodsNotReady', `not ready: ${missing.join(', ')}`);
});

/**
 * Why a part is not up. A pod that cannot start and is of an earlier template is made anew: where pods come in order, Kubernetes waits for it to be ready before it
 * gives it the template that would make it so. Source: kubernetes.io/docs, StatefulSets, Forced rollback.
 */
async function why(
  set: Live<typeof StatefulSet> | undefined,
  { name, cluster, part }: { readonly name: string; readonly cluster: string; readonly part: PartName },
  cx: Pick<Context<typeof DorisMonitor, typeof Pod, never>, 'list' | 'delete' | 'event'>,
): Promise<string> {
  if (set === undefined) return name;
  for (const pod of await cx.list(Pod, { labels: labelsBeside(cluster, part) })) {
    const broken = brokenBecause(pod);
    if (broken === undefined) continue;
    if (!isSeen(set) || templateOf(set, pod) !== 'old') return `${name} (${broken})`;
    await cx.delete(Pod, pod.metadata.name);
    cx.event('Normal', 'Replaced', `${pod.metadata.name} could not start and is made anew`, 'Upgrade');
  }
  return name;
}
