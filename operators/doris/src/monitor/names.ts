/** The parts of a monitor, in the order in which they come up. */
export const PARTS = ['prometheus', 'grafana', 'loki'] as const;
export type PartName = (typeof PARTS)[number];

/** What collects logs: one of the two. */
export const SHIPPERS = ['promtail', 'alloy'] as const;
export type ShipperName = (typeof SHIPPERS)[number];

/** Shared by the monitors of a namespace. */
export const ACCOUNT = 'doris-monitor';
export const BINDING = 'doris-monitor-binding';

/** StatefulSet, Service or DaemonSet of a part. */
export const partName = (monitor: string, part: PartName | ShipperName): string => `${monitor}-${part}`;

/** ConfigMaps; two are misspelt or swapped in the existing operator, and stay so: their names are in pods (spec/doris-operator.md §6.2). */
export function configMapName(monitor: string, part: PartName | ShipperName): string {
  switch (part) {
    case 'prometheus':
      return `${monitor}-promtheus-config`;
    case 'grafana':
      return `${monitor}-grafana-secret`;
    default:
      return `${monitor}-${part}-config`;
  }
}

/** The Secret with Grafana's administrator. */
export const grafanaSecretName = (monitor: string): string => `${monitor}-grafana-config`;

export const PORTS = { prometheus: 9090, grafana: 3000, loki: 3100, promtail: 3101, alloy: 12_345 } as const;
