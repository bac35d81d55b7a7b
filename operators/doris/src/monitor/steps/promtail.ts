import { ConfigMap, DaemonSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { configMap } from '../objects/config.ts';
import { daemonSet } from '../objects/daemon-set.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';
import { isEverywhere } from '../up.ts';

/** Collects logs on every node. Not wanted: pruned, the DaemonSet too, which the existing operator left running. */
export const promtail = step('promtail', DorisMonitor, { owns: [ConfigMap, DaemonSet] }, async (object, cx) => {
  const monitor = monitorFrom(object);
  if (!isWanted(monitor, 'promtail')) {
    cx.status({ promtail: undefined });
    return done;
  }
  await cx.apply(ConfigMap, configMap(monitor, 'promtail'), { owner: 'plain' });
  const applied = await cx.apply(DaemonSet, daemonSet(monitor));
  cx.status({ promtail: { daemonSetRef: { name: applied.metadata.name, namespace: monitor.namespace }, ready: isEverywhere(applied) } });
  return done;
});
