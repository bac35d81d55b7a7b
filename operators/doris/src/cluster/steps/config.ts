import { ConfigMap, StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { SINCE, changes, sinceText, written } from '../live-config/since.ts';
import { namesOf } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { configData, configMap, isLive } from '../objects/config.ts';
import { startedWith } from '../objects/stateful-set.ts';

/**
 * `feConfig` and its like: the component's configuration files, and what has changed in them since the pods' template, so that running nodes can be told, or
 * restarted: see live-config/step.ts.
 */
export const config = (name: ComponentName) =>
  step(`${name}Config`, DorisCluster, { owns: [ConfigMap], reads: [StatefulSet] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    // A component that is not wanted: not applied here, pruned at the end of a pass that came through, thus after its members have left.
    if (cluster.spec[name] === undefined) return done;
    const names = namesOf(cluster.name, name);
    const start = startedWith(name, await cx.get(StatefulSet, names.statefulSet));
    const since = isLive(name) ? changes(name, written(await cx.get(ConfigMap, names.configMap)), start, configData(cluster, name)) : undefined;
    const annotations = since === undefined || since === 'restart' ? undefined : { [SINCE]: sinceText(since) };
    await cx.apply(ConfigMap, configMap(cluster, name, annotations), { owner: 'plain' });
    return done;
  });
