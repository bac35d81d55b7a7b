import { allow, guard, refuse } from '@binnacle/runtime';
import type { Hook, Write } from '@binnacle/runtime';
import { ManagementCenter } from '../api/management-center.ts';
import { NO_ROUTES } from './route.ts';

/** A Route is refused when it is asked for, where there are none; the step says it once more. An object that has one already stays editable. */
export const routeWithoutOpenShift: Hook = guard({
  name: 'route-without-openshift',
  kind: ManagementCenter,
  on: ['CREATE', 'UPDATE'],
  review({ object, before }: Write<typeof ManagementCenter>) {
    const wants = (mc: typeof object) => mc?.spec?.externalConnectivity?.route !== undefined;
    return wants(object) && !wants(before) ? refuse(NO_ROUTES) : allow;
  },
});
