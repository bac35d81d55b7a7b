import { Pod as WholePod } from '@binnacle/client/kinds';
import { part } from '@binnacle/runtime';
import { given } from './given.ts';

/** Pods as this operator sees them: what their containers are told stays on the server. */
export const Pod = part(WholePod, ({ spec, status }) =>
  given({
    spec: spec === undefined ? undefined : given({ volumes: spec.volumes?.map(({ name }) => ({ name })) }),
    status:
      status === undefined
        ? undefined
        : given({
            phase: status.phase,
            conditions: status.conditions,
            containerStatuses: status.containerStatuses,
            initContainerStatuses: status.initContainerStatuses,
          }),
  }),
);
