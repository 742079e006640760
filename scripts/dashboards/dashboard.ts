/** Panels and dashboards of Grafana, as far as ours use them. */

/** Units of Grafana. */
type Unit = 'short' | 's' | 'percentunit' | 'bytes' | 'Bps' | 'reqps' | 'ops' | 'none';

export interface Query {
  readonly expr: string;
  /** Name of each series, with its labels as `{{label}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** For people who do not know the metric. */
  readonly about: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** A number instead of a graph. */
  readonly isNumber?: boolean;
  /** Series on top of each other: parts of a whole. */
  readonly isStacked?: boolean;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** The metric and label that its values come from. */
  readonly metric: string;
}

export interface Dashboard {
  /** Also the name of its file. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

export const query = (expr: string, legend = ''): Query => ({ expr, legend });

export const graph = (title: string, unit: Unit, about: string, ...queries: readonly Query[]): Panel => ({
  title,
  unit,
  about,
  queries,
});

export const stack = (title: string, unit: Unit, about: string, ...queries: readonly Query[]): Panel => ({
  ...graph(title, unit, about, ...queries),
  isStacked: true,
});

export const number = (title: string, unit: Unit, about: string, expr: string): Panel => ({
  ...graph(title, unit, about, query(expr)),
  isNumber: true,
});

/** Quantiles of a histogram; the labels are those of the series that are kept apart. */
export function quantiles(bucket: string, by: readonly string[] = [], of: readonly number[] = [0.5, 0.99]): Query[] {
  const labels = ['le', ...by].join(', ');
  const names = by.map((label) => `{{${label}}} `).join('');
  return of.map((quantile) =>
    query(
      `histogram_quantile(${quantile}, sum by (${labels}) (rate(${bucket}[$__rate_interval])))`,
      `${names}p${quantile * 100}`,
    ),
  );
}

const COLUMNS = 24;
const GRAPH = { width: 8, height: 8 };
const NUMBER = { width: 4, height: 4 };
const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

/** The dashboard as Grafana imports it. */
export function dashboardJson({ name, title, about, variables, rows }: Dashboard): string {
  const json = {
    uid: `copepod-${name}`,
    title: `Copepod / ${title}`,
    description: about,
    tags: ['copepod'],
    schemaVersion: 41,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [datasource(), ...variables.map(variable)] },
    links: [
      { type: 'dashboards', tags: ['copepod'], title: 'Copepod', asDropdown: true, includeVars: true, keepTime: true },
    ],
    panels: laidOut(rows),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

const datasource = (): object => ({
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
});

const variable = ({ name, label, metric }: Variable): object => ({
  name,
  label,
  type: 'query',
  datasource: DATASOURCE,
  query: { query: `label_values(${metric}, ${name})`, refId: name },
  refresh: 2,
  sort: 1,
  includeAll: true,
  multi: true,
  allValue: '.*',
  current: { text: ['All'], value: ['$__all'] },
});

/** Rows from top to bottom, their panels from left to right; no gaps. */
function laidOut(rows: readonly Row[]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      const { width, height: h } = panel.isNumber ? NUMBER : GRAPH;
      if (x + width > COLUMNS) {
        x = 0;
        y += height;
        height = 0;
      }
      panels.push({ id: panels.length + 1, ...panelJson(panel), gridPos: { x, y, w: width, h } });
      x += width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

function panelJson({ title, about, unit, queries, isNumber = false, isStacked = false }: Panel): object {
  const custom = isStacked ? { fillOpacity: 30, stacking: { mode: 'normal' } } : { fillOpacity: 10 };
  return {
    type: isNumber ? 'stat' : 'timeseries',
    title,
    description: about,
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, ...(isNumber ? {} : { custom: { ...custom, showPoints: 'never' } }) },
      overrides: [],
    },
    options: isNumber
      ? { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'area' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      ...(legend === '' ? {} : { legendFormat: legend }),
    })),
  };
}
