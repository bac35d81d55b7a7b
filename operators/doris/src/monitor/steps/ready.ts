import { DaemonSet, StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { PARTS, SHIPPERS, partName } from '../names.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';
import { isEverywhere, isUp } from '../up.ts';

/** The last step: every part's pod is ready. What is not wanted any more goes first: a part that stays down must not keep it. */
export const ready = step('ready', DorisMonitor, { owns: [StatefulSet, DaemonSet] }, async (object, cx) => {
  const monitor = monitorFrom(object);
  const missing: string[] = [];
  for (const part of PARTS) {
    const name = partName(monitor.name, part);
    if (!isWanted(monitor, part)) {
      await cx.delete(StatefulSet, name);
      continue;
    }
    const set = await cx.get(StatefulSet, name);
    if (set === undefined || !isUp(set)) missing.push(name);
  }
  for (const shipper of SHIPPERS) {
    const name = partName(monitor.name, shipper);
    const agents = await cx.get(DaemonSet, name);
    if (!isWanted(monitor, shipper)) await cx.delete(DaemonSet, name);
    else if (agents === undefined || !isEverywhere(agents)) missing.push(name);
  }
  return missing.length === 0 ? done : waitFor('PodsNotReady', `not ready: ${missing.join(', ')}`);
});
