import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { grow } from '../../cluster/grow.ts';
import { PARTS, partName } from '../names.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';

/** Lets the volumes of Prometheus, Grafana and Loki grow in place. After all parts are applied: a volume that cannot grow keeps none of them from coming up. */
export const volumes = step('volumes', DorisMonitor, { owns: [PersistentVolumeClaim] }, async (object, cx) => {
  const monitor = monitorFrom(object);
  const wanted = PARTS.filter((part) => isWanted(monitor, part)).map((part) => ({
    field: `spec.${part}.requests.storage`,
    storage: String(monitor.spec[part]?.requests?.['storage'] ?? 0),
    isOurs: (claim: string) => claim === `${part}-data-${partName(monitor.name, part)}-0`,
  }));
  return (await grow(wanted, cx)) ?? done;
});
