import type { Live } from '@binnacle/client';
import { done, step, stop, tellDoubts } from '@binnacle/runtime';
import { DorisMonitor, idleMonitorFaults, monitorFaults } from '../../api/doris-monitor.ts';
import type { MonitorSpec, MonitorStatus } from '../../api/doris-monitor.ts';
import type { Waiting } from '../../waiting.ts';

/** Refuses what could never come up, before anything is written: objects may be older than the rules at admission. `rivals`: who hears when another monitor goes. */
export const validation = (rivals: Waiting) =>
  step('validation', DorisMonitor, { reads: [DorisMonitor] }, async (object, cx) => {
    const spec = object.spec as MonitorSpec; // sound: a Live spec is the declared one
    const doubts = [...idleMonitorFaults(spec)];
    const born = (object.status as MonitorStatus | undefined)?.lastApplySpecHash !== undefined; // sound: as above
    const found = [...monitorFaults(spec), ...(born ? [] : doubts)];
    if (found.length > 0) return stop('InvalidSpec', found.map(({ field, message }) => `${field}: ${message}`).join('; '));
    tellDoubts(object, cx, doubts);
    const { cluster } = spec;
    if (cluster === '') return done;
    const { name, namespace = '' } = object.metadata;
    rivals.add({ namespace, name: cluster }, { namespace, name });
    const other = (await cx.list(DorisMonitor)).find(
      (one) => one.spec.cluster === cluster && one.metadata.deletionTimestamp === undefined && age(one) < age(object),
    );
    // Labels name the cluster and not the monitor: the sets of two would fight over each other's pods (spec/doris-operator.md §10 #38).
    return other === undefined ? done : stop('AlreadyMonitored', `DorisMonitor ${other.metadata.name} monitors DorisCluster ${cluster} already`);
  });

/** Sorts the older one first, by name when they are of one age. */
const age = ({ metadata }: Live<typeof DorisMonitor>): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
