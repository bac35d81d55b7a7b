import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { grow } from '../../cluster/grow.ts';
import type { Growth } from '../../cluster/grow.ts';
import { PARTS, partName } from '../names.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';

/** Lets the volumes of Prometheus, Grafana and Loki grow in place. After all parts are applied: a volume that cannot grow keeps none of them from coming up. */
export const volumes = step('volumes', DorisMonitor, { owns: [PersistentVolumeClaim] }, async (object, cx) => {
  const monitor = monitorFrom(object);
  const wanted: Growth[] = [];
  for (const part of PARTS) {
    const claim = isWanted(monitor, part) ? await cx.get(PersistentVolumeClaim, `${part}-data-${partName(monitor.name, part)}-0`) : undefined;
    if (claim === undefined) continue;
    wanted.push({ field: `spec.${part}.requests.storage`, storage: String(monitor.spec[part]?.requests?.['storage'] ?? 0), claims: [claim] });
  }
  return (await grow(wanted, cx)) ?? done;
});
