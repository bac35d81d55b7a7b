import { Pod as WholePod } from '@binnacle/client/kinds';
import { part } from '@binnacle/runtime';
import { given } from './given.ts';

/** Pods as this operator sees them: what their containers mount and are told stays on the server. */
export const Pod = part(WholePod, ({ spec, status }) =>
  given({
    spec: spec === undefined ? undefined : given({ nodeName: spec.nodeName, containers: spec.containers.map(({ name, image }) => given({ name, image })) }),
    status:
      status === undefined
        ? undefined
        : given({
            phase: status.phase,
            message: status.message,
            reason: status.reason,
            podIP: status.podIP,
            conditions: status.conditions,
            containerStatuses: status.containerStatuses,
            initContainerStatuses: status.initContainerStatuses,
          }),
  }),
);
