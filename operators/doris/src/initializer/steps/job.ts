import { ConfigMap, Job, Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisInitializer } from '../../api/doris-initializer.ts';
import type { InitializerStatus } from '../../api/doris-initializer.ts';
import { clusterFrom } from '../../cluster/objects/cluster.ts';
import { frontEndPorts } from '../../cluster/ports.ts';
import { RUN, jobName, secretName } from '../names.ts';
import { config } from '../objects/config.ts';
import { initializerFrom } from '../objects/from.ts';
import { job as wanted } from '../objects/job.ts';
import { secret } from '../objects/secret.ts';
import { wishOf } from '../wish.ts';

/** Makes the Job of a run that is about to begin, after its files. The Job of an earlier run goes first, and its pods with it. */
export const job = step('job', DorisInitializer, { owns: [Job, Secret, ConfigMap], reads: [DorisCluster] }, async (object, cx) => {
  const run = (object.status as InitializerStatus | undefined)?.run; // sound: a Live status is the declared one
  if (object.spec.cluster === '' || run?.state !== 'Starting') return done;
  const initializer = initializerFrom(object);
  const earlier = await cx.get(Job, jobName(initializer.name));
  if (earlier !== undefined && earlier.metadata.annotations?.[RUN] !== String(run.number)) {
    await cx.delete(Job, earlier.metadata.name);
    return waitFor('EarlierJobGoing', `Job ${earlier.metadata.name} of an earlier run is going`);
  }
  const wish = await wishOf(object, cx);
  if ('type' in wish) return wish;
  const running = { run, wish, before: await cx.get(Secret, secretName(initializer.name)) };
  await cx.apply(Secret, secret(initializer, running), { owner: 'plain' });
  await cx.apply(ConfigMap, config(initializer), { owner: 'plain' });
  const cluster = await cx.get(DorisCluster, object.spec.cluster);
  const { query } = frontEndPorts(cluster === undefined ? undefined : clusterFrom(cluster).spec.fe?.config);
  const name = jobName(initializer.name);
  await cx.ensure(Job, name, () => wanted(initializer, running, query));
  return waitFor('JobRunning', `Job ${name} does ${run.parts.join(', ')}`, { afterMs: 1 });
});
