import type { MonitorSpec } from '../../api/doris-monitor.ts';
import type { PartName } from '../names.ts';

/** What builders are given. They are pure. */
export interface Monitor {
  readonly name: string;
  readonly namespace: string;
  readonly spec: MonitorSpec;
}

/** A DorisMonitor as builders take it. */
export function monitorFrom({
  metadata,
  spec,
}: {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: unknown;
}): Monitor {
  return { name: metadata.name, namespace: metadata.namespace ?? '', spec: spec as MonitorSpec }; // sound: a Live spec is the declared one
}

/** Whether a part is to be there. */
export function isWanted({ spec }: Monitor, part: PartName | 'promtail'): boolean {
  if (spec.cluster === '' || spec[part] === undefined) return false;
  return spec.disableLoki !== true || part === 'prometheus' || part === 'grafana';
}
