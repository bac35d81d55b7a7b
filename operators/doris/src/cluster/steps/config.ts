import { ConfigMap } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { ComponentName } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { configMap } from '../objects/config.ts';

/** `feConfig` and its like: the component's configuration files. Its hash is in the pod template: a change restarts the pods. */
export const config = (name: ComponentName) =>
  step(`${name}Config`, DorisCluster, { owns: [ConfigMap] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    // A component that is not wanted: not applied here, pruned at the end of a pass that came through, thus after its members have left.
    if (cluster.spec[name] !== undefined) await cx.apply(ConfigMap, configMap(cluster, name), { owner: 'plain' });
    return done;
  });
