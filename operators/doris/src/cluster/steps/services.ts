import { Service } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { ComponentName } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { services as wanted } from '../objects/services.ts';

/** `feServices` and its like: the Service for clients and the headless one that names the pods. */
export const services = (name: ComponentName) =>
  step(`${name}Services`, DorisCluster, { owns: [Service] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec[name] === undefined) return done;
    for (const service of wanted(cluster, name)) await cx.apply(Service, service, { owner: 'plain' });
    return done;
  });
