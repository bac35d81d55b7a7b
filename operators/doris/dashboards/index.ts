import { backEnds } from './back-ends.ts';
import { dashboard } from './chart.ts';
import { frontEnds } from './front-ends.ts';
import { overview } from './overview.ts';
import { queries } from './queries.ts';

/**
 * Every dashboard, by the name of its file in Grafana. Built when the repository is generated, not when the operator runs: the SDK, 11 MB that nobody needs
 * afterwards, stays a tool of developers. Metric names are those of Doris' own pages about metrics of front ends and back ends.
 */
export const dashboards = (): Readonly<Record<string, object>> => ({
  'dashboards.json': dashboard(overview),
  'front-ends.json': dashboard(frontEnds),
  'back-ends.json': dashboard(backEnds),
  'queries.json': dashboard(queries),
});
