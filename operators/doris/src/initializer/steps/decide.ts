import { conditionOf, isReady } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisInitializer, initializerFaults } from '../../api/doris-initializer.ts';
import type { InitializerSpec, InitializerStatus } from '../../api/doris-initializer.ts';
import type { Status } from '../../api/status.ts';
import { accountSecretName } from '../../cluster/names.ts';
import type { Waiting } from '../../waiting.ts';
import { initializerReferences } from '../../webhook/references.ts';
import { decide as decision } from '../plan.ts';
import { rekeyed, wishOf } from '../wish.ts';

/** Whether there is something to run. What is begun is written down first, the Job comes in a later pass: a crash in between makes it once. */
export const decide = (waiting: Waiting) =>
  step('decide', DorisInitializer, { reads: [Secret, ConfigMap, DorisCluster] }, async (object, cx) => {
    if (object.spec.cluster === '') return done;
    const at = { name: object.spec.cluster, namespace: object.metadata.namespace ?? '' };
    const self = { name: object.metadata.name, namespace: at.namespace };
    waiting.add(at, self);
    const references = [...initializerReferences(object.spec as InitializerSpec), { kind: 'Secret', name: accountSecretName(at.name) }];
    for (const { kind, name } of references) waiting.add({ name: `${kind}/${name}`, namespace: at.namespace }, self);
    const last = (object.status as InitializerStatus | undefined)?.run; // sound: a Live status is the declared one
    const cluster = await cx.get(DorisCluster, at.name);
    const clusterId = (cluster?.status as Status | undefined)?.clusterId; // sound: as above
    // One that was born anew under the same name, with empty volumes: nothing has run there.
    const another = last?.clusterId !== undefined && clusterId !== undefined && last.clusterId !== clusterId;
    // Only the first thing ever waits for the whole cluster: a password can be changed on one that has lost a node.
    if (last === undefined || another) {
      if (cluster === undefined) return waitFor('ClusterMissing', `there is no DorisCluster ${at.name}`);
      if (!isReady(cluster)) {
        return waitFor('ClusterNotReady', `DorisCluster ${at.name} is not Ready: ${conditionOf(cluster, 'Ready')?.message ?? 'nothing is known about it yet'}`);
      }
    }
    // Its Job would wait for front ends, and be given up before there are any.
    if (cluster?.spec.suspend === true) return waitFor('ClusterSuspended', `DorisCluster ${at.name} is suspended: nothing runs before spec.suspend is false`);
    const wish = await wishOf(object, cx);
    if ('type' in wish) return wish;
    const run = last === undefined ? undefined : rekeyed(last, wish);
    if (run !== last) cx.status({ run });
    if (run?.state === 'Starting' && jsonEqual(run.wish, wish.fingerprints)) return done;
    const decided = decision(wish.fingerprints, another ? undefined : run);
    const here = clusterId === undefined ? {} : { clusterId };
    switch (decided.do) {
      case 'nothing': {
        // Remembered as well: a finished initializer without a memory is one of an earlier operator's.
        if (run === undefined || another) cx.status({ run: { number: run?.number ?? 0, state: 'Succeeded', parts: [], wish: wish.fingerprints, ...here } });
        else if (run.clusterId === undefined) cx.status({ run: { ...run, ...here } });
        const message = decided.sqlIgnored
          ? 'spec.initSqlScript was changed after it ran, and is not run again; a new DorisInitializer runs it, or a new value of the annotation al-assad.github.io/run-again'
          : 'the script that is written is the one that ran';
        cx.condition('SqlAsWritten', !decided.sqlIgnored, decided.sqlIgnored ? 'AlreadyRun' : 'AsWritten', message);
        return done;
      }
      case 'refuse':
        return stop(decided.reason, decided.message);
      case 'start': {
        // Objects may be older than the rules at admission. Only here: one that has done its work has no Job to make.
        const found = [...initializerFaults(object.spec as InitializerSpec)]; // sound: as above
        if (found.length > 0) return stop('InvalidSpec', found.map(({ field, message }) => `${field}: ${message}`).join('; '));
        // Numbers are never used twice: a Job is known by its own.
        const begun = { ...decided.run, ...here, ...(another ? { number: last.number + 1 } : {}) };
        cx.status({ run: begun });
        return waitFor('Recorded', `run ${begun.number} is about to begin: ${begun.parts.join(', ')}`, { afterMs: 1 });
      }
      default:
        return decided satisfies never;
    }
  });
