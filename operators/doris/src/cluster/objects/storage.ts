import type { PersistentVolumeClaim, VolumeMount } from '@binnacle/client/kinds';
import type { BackEndSpec } from '../../api/spec.ts';
import { given } from '../../given.ts';
import { componentOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';

const DEFAULT_VOLUME = 'be-storage';
const DEFAULT_PATH = '/opt/apache-doris/be/storage';
const DATA_ROOT = '/var/lib/doris/data';
export const META_VOLUME = 'fe-meta';
export const META_PATH = '/opt/apache-doris/fe/doris-meta';

/** `storage_root_path` of be.conf; `undefined` with the default volume alone, where Doris' own default is right. */
export function storageRootPath(be: BackEndSpec | undefined): string | undefined {
  const custom = be?.storage ?? [];
  if (custom.length === 0) return undefined;
  const roots = custom.map(({ name, medium }) => `${DATA_ROOT}/${name},medium:${medium === undefined || medium === '' ? 'HDD' : medium}`);
  if (be?.retainDefaultStorage === true) roots.push(`${DEFAULT_PATH},medium:HDD`);
  return roots.join(';');
}

/** The volumes that outlive pods: claim templates. Their names are part of claims' names: they never change. */
export function claims(cluster: Cluster, name: 'fe' | 'be'): readonly PersistentVolumeClaim[] {
  if (name === 'fe') {
    const fe = cluster.spec.fe;
    return [claim(META_VOLUME, componentOf(cluster, 'fe').requests?.['storage'], fe?.storageClassName)];
  }
  const be = cluster.spec.be;
  const custom = be?.storage ?? [];
  // Each volume in its own class: that is what separates hot from cold data (spec/doris-operator.md §10 #19).
  const own = custom.map((volume) => claim(volume.name, volume.request, volume.storageClassName));
  return custom.length > 0 && be?.retainDefaultStorage !== true ? own : [...own, claim(DEFAULT_VOLUME, be?.requests?.['storage'], be?.storageClassName)];
}

/** Where a back end's volumes are mounted, in the order of their claims. */
export function dataMounts(be: BackEndSpec | undefined): readonly VolumeMount[] {
  const custom = be?.storage ?? [];
  const own = custom.map(({ name }) => ({ name, mountPath: `${DATA_ROOT}/${name}` }));
  return custom.length > 0 && be?.retainDefaultStorage !== true ? own : [...own, { name: DEFAULT_VOLUME, mountPath: DEFAULT_PATH }];
}

function claim(name: string, size: string | number | undefined, storageClassName: string | undefined): PersistentVolumeClaim {
  if (size === undefined) throw new Error(`no size for volume ${name}`); // refused by the validation step before any builder runs
  return {
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: String(size) } },
      ...given({ storageClassName: storageClassName === '' ? undefined : storageClassName }),
    },
  };
}
