import { ConfigMap, DaemonSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import type { ShipperName } from '../names.ts';
import { configMap } from '../objects/config.ts';
import { daemonSet } from '../objects/daemon-set.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';
import { isEverywhere } from '../up.ts';

/** `promtail`, `alloy`: collects logs on every node. Not wanted: pruned, the DaemonSet too, which the existing operator left running. */
export const shipper = (name: ShipperName) =>
  step(name, DorisMonitor, { owns: [ConfigMap, DaemonSet] }, async (object, cx) => {
    const monitor = monitorFrom(object);
    if (!isWanted(monitor, name)) {
      cx.status({ [name]: undefined });
      return done;
    }
    await cx.apply(ConfigMap, configMap(monitor, name), { owner: 'plain' });
    const applied = await cx.apply(DaemonSet, daemonSet(monitor, name));
    cx.status({ [name]: { daemonSetRef: { name: applied.metadata.name, namespace: monitor.namespace }, ready: isEverywhere(applied) } });
    return done;
  });
