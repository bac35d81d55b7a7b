import { duplicate, invalid } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { COMPONENTS } from '../cluster/names.ts';
import type { ComponentName } from '../cluster/names.ts';
import type { Cluster } from '../cluster/objects/cluster.ts';
import { partsOf } from '../cluster/objects/parts.ts';
import { dataMounts, META_VOLUME } from '../cluster/objects/storage.ts';
import type { Spec } from './spec.ts';

/** What is added to pods under a name or a path that is taken, or names a volume that is not there: Kubernetes refuses the whole StatefulSet for it. */
export function* clashFaults(spec: Spec): Generator<FieldError> {
  for (const name of COMPONENTS) {
    const component = spec[name];
    if (component === undefined) continue;
    const { volumes, mounts, initContainers } = partsOf({ name: '', namespace: '', spec }, name, false);
    const at = (list: string, index: number, key: string) => `spec.${name}.${list}[${index}].${key}`;
    const taken = new Set([...volumes.map((one) => one.name), ...claimNames({ name: '', namespace: '', spec }, name)]);
    for (const [index, volume] of (component.additionalVolumes ?? []).entries()) {
      if (taken.has(volume.name)) yield duplicate(at('additionalVolumes', index, 'name'), volume.name);
      taken.add(volume.name);
    }
    const paths = new Set(mounts.map((one) => one.mountPath));
    for (const [index, mount] of (component.additionalVolumeMounts ?? []).entries()) {
      if (paths.has(mount.mountPath)) yield duplicate(at('additionalVolumeMounts', index, 'mountPath'), mount.mountPath);
      paths.add(mount.mountPath);
      const known = [...taken].toSorted().join(', ');
      if (!taken.has(mount.name)) yield invalid(at('additionalVolumeMounts', index, 'name'), mount.name, `no such volume: there are ${known}`);
    }
    const containers = new Set<string>([name, ...initContainers.map((one) => one.name)]);
    for (const [index, container] of (component.additionalContainers ?? []).entries()) {
      if (containers.has(container.name)) yield duplicate(at('additionalContainers', index, 'name'), container.name);
      containers.add(container.name);
    }
  }
}

function claimNames({ spec }: Cluster, name: ComponentName): readonly string[] {
  if (name === 'fe') return [META_VOLUME];
  return name === 'be' ? dataMounts(spec.be).map((one) => one.name) : [];
}
