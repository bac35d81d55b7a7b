import { ConfigMap, Job, Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisInitializer } from '../../api/doris-initializer.ts';
import type { InitializerStatus } from '../../api/doris-initializer.ts';
import { accountIn, appliedSecretName, rememberedIn } from '../../cluster/account.ts';
import { LOOK_AGAIN_MS, frontEndService } from '../../cluster/doris.ts';
import { encryptionOf } from '../../cluster/encryption.ts';
import { clusterFrom } from '../../cluster/objects/cluster.ts';
import type { Cluster } from '../../cluster/objects/cluster.ts';
import { accountSecretName } from '../../cluster/names.ts';
import { frontEndPorts } from '../../cluster/ports.ts';
import { given } from '../../given.ts';
import { Pod } from '../../pod.ts';
import { RUN, jobName, secretName } from '../names.ts';
import { config } from '../objects/config.ts';
import type { Encryption } from '../objects/encryption.ts';
import { initializerFrom } from '../objects/from.ts';
import { job as jobObject } from '../objects/job.ts';
import { secret } from '../objects/secret.ts';
import { wishOf } from '../wish.ts';

/** Makes the Job of a run that is about to begin, after its files. The Job of an earlier run goes first, and its pods with it. */
export const job = step('job', DorisInitializer, { owns: [Job, Secret, ConfigMap], reads: [DorisCluster, Pod] }, async (object, cx) => {
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
  // The Job logs in with the account's Secret: before Doris has that password, all its tries would be refused.
  const wanted = await cx.get(Secret, accountSecretName(object.spec.cluster));
  const applied = rememberedIn(await cx.get(Secret, appliedSecretName(object.spec.cluster)));
  const isAnother = applied.works !== undefined && wanted !== undefined && !jsonEqual(accountIn(wanted), applied.works);
  if (wanted !== undefined && (applied.tried.length > 0 || isAnother))
    return waitFor('AccountChanging', `Doris does not have the password yet that Secret ${wanted.metadata.name} has for the operator's account`, {
      afterMs: LOOK_AGAIN_MS,
    });
  const live = await cx.get(DorisCluster, object.spec.cluster);
  const cluster = live === undefined ? undefined : clusterFrom(live);
  const tls = cluster === undefined ? undefined : await encryptionOf(cluster, cx);
  if (tls !== undefined && 'type' in tls) return tls;
  // Passwords wait until they can go encrypted: to a front end that has not restarted yet, the Job could log in only in clear.
  if (tls?.required === false)
    return waitFor('TlsRollingOut', 'the front ends of the cluster are restarting one by one to offer TLS', { afterMs: LOOK_AGAIN_MS });
  const before = await cx.get(Secret, secretName(initializer.name));
  const running = { run, wish, before, ...given({ encryption: tls === undefined ? undefined : encryption(cluster!) }) };
  await cx.apply(Secret, secret(initializer, running), { owner: 'plain' });
  await cx.apply(ConfigMap, config(initializer, running.encryption), { owner: 'plain' });
  const { query } = frontEndPorts(cluster?.spec.fe?.config);
  const name = jobName(initializer.name);
  await cx.ensure(Job, name, () => jobObject(initializer, running, query));
  return waitFor('JobRunning', `Job ${name} does ${run.parts.join(', ')}`, { afterMs: 1 });
});

function encryption(cluster: Cluster): Encryption {
  const { clientSecretName } = cluster.spec.fe?.tls ?? {};
  return { cluster: cluster.name, host: frontEndService(cluster).host, ...given({ clientSecretName: clientSecretName === '' ? undefined : clientSecretName }) };
}
