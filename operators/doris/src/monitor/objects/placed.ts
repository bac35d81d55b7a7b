import type { PodSpec } from '@binnacle/client/kinds';
import { given } from '../../given.ts';
import type { PartName, ShipperName } from '../names.ts';
import type { Monitor } from './from.ts';

type Placed = Pick<PodSpec, 'nodeSelector' | 'affinity' | 'tolerations' | 'priorityClassName'>;

/** Where a part's pod may run: what the part says, else what the monitor says. */
export function placed({ spec }: Monitor, part: PartName): Placed {
  const own = spec[part];
  return given({
    nodeSelector: filled(own?.nodeSelector) ?? spec.nodeSelector,
    affinity: own?.affinity ?? spec.affinity,
    tolerations: filled(own?.tolerations) ?? filled(spec.tolerations),
    priorityClassName: own?.priorityClassName || spec.priorityClassName || undefined,
  });
}

/** On which nodes logs are collected. The monitor's nodeSelector never counted here: it would leave out logs of existing clusters without a word. */
export function shipperPlaced({ spec }: Pick<Monitor, 'spec'>, shipper: ShipperName): Placed {
  const own = spec[shipper];
  return given({
    nodeSelector: filled(own?.nodeSelector),
    tolerations: filled(own?.tolerations) ?? filled(spec.tolerations),
    priorityClassName: own?.priorityClassName || spec.priorityClassName || undefined,
  });
}

const filled = <T extends object>(value: T | undefined): T | undefined => (value === undefined || Object.keys(value).length === 0 ? undefined : value);
