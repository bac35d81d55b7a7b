import type { Service } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { PORTS, partName } from '../names.ts';
import type { PartName } from '../names.ts';
import type { Monitor } from './from.ts';

/** The Service of a part; Loki's is for the other parts alone. */
export function service({ name, spec }: Monitor, part: PartName): Desired<typeof Service> {
  const wanted = part === 'loki' ? undefined : spec[part]?.service;
  const type = wanted?.type || 'ClusterIP';
  const nodePort = type === 'ClusterIP' ? undefined : wanted?.httpPort || undefined;
  const labels = labelsBeside(spec.cluster, part);
  return {
    name: partName(name, part),
    labels,
    spec: {
      type,
      selector: labels,
      ports: [{ name: part === 'loki' ? 'http-metrics' : 'http-port', port: PORTS[part], ...given({ nodePort }) }],
      ...given({ externalTrafficPolicy: type === 'ClusterIP' ? undefined : wanted?.externalTrafficPolicy || undefined }),
    },
  };
}
