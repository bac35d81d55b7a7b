import { ConfigMap, Service, StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { partName } from '../names.ts';
import type { PartName } from '../names.ts';
import { configMap } from '../objects/config.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';
import { service } from '../objects/service.ts';
import { statefulSet } from '../objects/stateful-set.ts';
import type { Waiting } from '../../waiting.ts';
import { isUp } from '../up.ts';

/** `prometheus`, `grafana`, `loki`: configuration, Service, pod. Not wanted: not applied here, and pruned when the pass came through. Its volume stays. */
export const part = (name: PartName, waits: Waiting) =>
  step(name, DorisMonitor, { owns: [ConfigMap, Service, StatefulSet], reads: [DorisCluster] }, async (object, cx) => {
    const { namespace = '' } = object.metadata;
    const cluster = { namespace, name: object.spec.cluster };
    // Before the look: who votes decides what is alarming.
    waits.add(cluster, { namespace, name: object.metadata.name });
    const monitor = monitorFrom(object, await cx.get(DorisCluster, cluster.name));
    if (!isWanted(monitor, name)) {
      cx.status({ [name]: undefined });
      return done;
    }
    await cx.apply(ConfigMap, configMap(monitor, name), { owner: 'plain' });
    await cx.apply(Service, service(monitor, name), { owner: 'plain' });
    const live = await cx.get(StatefulSet, partName(monitor.name, name));
    const applied = await cx.apply(StatefulSet, statefulSet(monitor, name, live));
    const reference = { name: applied.metadata.name, namespace: monitor.namespace };
    cx.status({ [name]: { serviceRef: reference, statefulsetRef: reference, ready: isUp(applied) } });
    return done;
  });
