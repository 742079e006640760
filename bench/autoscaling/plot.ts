export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

const WIDTH = 820;
const PANEL_HEIGHT = 150;
const MARGIN = { left: 56, right: 16, top: 26, bottom: 22 };
const MAX_POINTS = 400;

/** Panels stacked over the same time axis, as an SVG for light and dark pages. */
export function plot(title: string, seconds: number, panels: readonly Panel[]): string {
  const height = 30 + panels.length * (PANEL_HEIGHT + MARGIN.top + MARGIN.bottom);
  const body = panels.map((panel, index) =>
    drawPanel(panel, seconds, 30 + index * (PANEL_HEIGHT + MARGIN.top + MARGIN.bottom)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="${MARGIN.left}" y="20" font-size="15" font-weight="bold" fill="#222">${title}</text>
${body.join('\n')}
</svg>
`;
}

function drawPanel({ title, series }: Panel, seconds: number, top: number): string {
  const most = niceCeiling(Math.max(...series.flatMap(({ values }) => values), 1e-9));
  const width = WIDTH - MARGIN.left - MARGIN.right;
  const y0 = top + MARGIN.top;
  const x = (second: number): number => MARGIN.left + (second / seconds) * width;
  const y = (value: number): number => y0 + PANEL_HEIGHT * (1 - value / most);
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(most * share);
    return `<line x1="${MARGIN.left}" x2="${MARGIN.left + width}" y1="${at}" y2="${at}" stroke="#ddd"/>
<text x="${MARGIN.left - 6}" y="${at + 4}" text-anchor="end" fill="#555">${Number((most * share).toPrecision(3))}</text>`;
  });
  const minutes = Array.from({ length: Math.floor(seconds / 120) + 1 }, (_, index) => {
    const at = x(index * 120);
    return `<text x="${at}" y="${y0 + PANEL_HEIGHT + 15}" text-anchor="middle" fill="#555">${index * 2} min</text>`;
  });
  const lines = series.map(({ colour, values }) => {
    const stride = Math.max(1, Math.ceil(values.length / MAX_POINTS));
    const points: string[] = [];
    for (let from = 0; from < values.length; from += stride) {
      const value = Math.max(...values.slice(from, from + stride));
      points.push(`${x(from).toFixed(1)},${y(value).toFixed(1)}`);
    }
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.6"/>`;
  });
  const names = series.map(
    ({ name, colour }, index) =>
      `<text x="${WIDTH - MARGIN.right - 90 * (series.length - index)}" y="${top + 16}" fill="${colour}">${name}</text>`,
  );
  const heading = `<text x="${MARGIN.left}" y="${top + 16}" fill="#222">${title}</text>`;
  return [...grid, ...minutes, ...lines, heading, ...names].join('\n');
}

function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
