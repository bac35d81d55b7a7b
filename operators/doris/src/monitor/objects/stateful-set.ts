import type { Live } from '@binnacle/client';
import type { PersistentVolumeClaim, StatefulSet } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { dataHash } from '../../cluster/hash.ts';
import { partName } from '../names.ts';
import type { PartName } from '../names.ts';
import { configData } from './config.ts';
import type { Monitor } from './from.ts';
import { podSpec } from './pod.ts';

/** The StatefulSet of Prometheus, Grafana or Loki: one pod. `live`: what may not change any more is taken from it. */
export function statefulSet(monitor: Monitor, part: PartName, live: Live<typeof StatefulSet> | undefined): Desired<typeof StatefulSet> {
  const labels = labelsBeside(monitor.spec.cluster, part);
  const name = partName(monitor.name, part);
  const policy = live?.spec?.podManagementPolicy;
  return {
    name,
    labels,
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: labels },
      ...given({ podManagementPolicy: policy }),
      template: {
        metadata: { labels, annotations: { [`al-assad.github.io/${part}-conf`]: dataHash(configData(monitor, part)) } },
        spec: podSpec(monitor, part),
      },
      volumeClaimTemplates: [...(fixed(live) ?? [claim(monitor, part)])],
    },
  };
}

function claim({ spec }: Monitor, part: PartName): PersistentVolumeClaim {
  const size = spec[part]?.requests?.['storage'];
  if (size === undefined) throw new Error(`no size for the volume of ${part}`); // refused by the validation step before any builder runs
  return {
    metadata: { name: `${part}-data` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: String(size) } },
      ...given({ storageClassName: spec[part]?.storageClassName || spec.storageClassName || undefined }),
    },
  };
}

// Claim templates are fixed for life: an apply that changes them is refused as a whole, the image included.
function fixed(live: Live<typeof StatefulSet> | undefined): readonly PersistentVolumeClaim[] | undefined {
  return live?.spec?.volumeClaimTemplates?.map(({ metadata, spec }) => ({
    metadata: { name: metadata?.name ?? '' },
    spec: {
      accessModes: [...(spec?.accessModes ?? ['ReadWriteOnce'])],
      resources: { requests: { storage: String(spec?.resources?.requests?.['storage']) } },
      ...given({ storageClassName: spec?.storageClassName }),
    },
  }));
}
