import { done, step, stop } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { NO_ROUTES, ROUTE_RULES, Route, route as build } from '../route.ts';

/** The Route, if one is wanted; one that is no longer wanted is pruned. */
export const route = step('route', ManagementCenter, { owns: [Route], grants: ROUTE_RULES }, async (mc, cx) => {
  const wanted = build(mc);
  if (wanted !== undefined) await cx.apply(Route, wanted);
  return done;
});

/** Where there are no Routes, one that is wanted is refused. */
export const noRoute = step('route', ManagementCenter, {}, async (mc) => {
  return await Promise.resolve(mc.spec.externalConnectivity.route === undefined ? done : stop('NotOpenShift', NO_ROUTES));
});
