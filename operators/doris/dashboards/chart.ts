import { DashboardBuilder, QueryVariableBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  SortOrder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { METRICS, sourceUid } from '../src/monitor/objects/source.ts';

/** One chart: a title, its unit in Grafana's words, and queries with what they are called in the legend. */
export type Chart = readonly [title: string, unit: string, ...queries: readonly (readonly [expression: string, legend: string])[]];

/** Charts that belong together, under a heading. */
export interface Row {
  readonly title: string;
  readonly charts: readonly Chart[];
}

/** A dashboard as it is written here. `pods`: a query whose pods can be chosen among, as `$instance`. */
export interface Written {
  /** Never changes: links to it do not either. */
  readonly uid: string;
  readonly title: string;
  readonly pods?: string;
  readonly rows: readonly Row[];
}

/** For legends: the pod. */
export const POD = '{{instance}}';
/** The pods that were chosen. */
export const CHOSEN = 'instance=~"$instance"';

const WIDTH = 8;
const HEIGHT = 8;
const source = { type: 'prometheus', uid: sourceUid(METRICS) };

/** The dashboard as Grafana reads it. */
export function dashboard({ uid, title, pods, rows }: Written): object {
  const builder = new DashboardBuilder(title).uid(uid).tags(['doris']).refresh('30s').time({ from: 'now-1h', to: 'now' }).timezone('browser').editable();
  if (pods !== undefined) {
    builder.withVariable(
      new QueryVariableBuilder('instance').label('Pod').query(`label_values(${pods}, instance)`).datasource(source).multi(true).includeAll(true).current({
        text: 'All',
        value: '$__all',
      }),
    );
  }
  let id = 0;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id((id += 1)));
    for (const chart of row.charts) builder.withPanel(panel(chart, (id += 1)));
  }
  return builder.build();
}

function panel([title, unit, ...queries]: Chart, id: number): PanelBuilder {
  const legend = new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true);
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
  const built = new PanelBuilder().id(id).title(title).unit(unit).min(0).span(WIDTH).height(HEIGHT).datasource(source).legend(legend).tooltip(tooltip);
  for (const [index, [expression, name]] of queries.entries()) {
    built.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCodePoint(65 + index))
        .expr(expression)
        .legendFormat(name)
        .datasource(source),
    );
  }
  return built;
}
