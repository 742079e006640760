/** Rows of a table beyond these are left out. */
const MAX_ROWS = 200;

/** Draws an array or object of rows in boxes, as Node's `console.table` does; gives any other value as it is. */
export function renderTable(data: unknown, columns: unknown, cell: (value: unknown) => string): string {
  if (typeof data !== 'object' || data === null) return typeof data === 'string' ? data : cell(data);
  const rows = rowsOf(data).slice(0, MAX_ROWS);
  const wanted = Array.isArray(columns) ? columns.map(String) : undefined;
  const fields = wanted ?? [...new Set(rows.flatMap(([, row]) => (isRecord(row) ? Object.keys(row) : [])))];
  const values = wanted === undefined && rows.some(([, row]) => !isRecord(row));

  const header = [data instanceof Map || data instanceof Set ? '(iteration index)' : '(index)', ...fields];
  if (values) header.push('Values');
  const body = rows.map(([index, row]) => {
    const line = [
      index,
      ...fields.map((field) => (isRecord(row) && Object.hasOwn(row, field) ? cell(row[field]) : '')),
    ];
    if (values) line.push(isRecord(row) ? '' : cell(row));
    return line;
  });
  return draw(header, body);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function rowsOf(data: object): [string, unknown][] {
  if (data instanceof Map) return [...data].map(([key, value], i) => [String(i), { Key: key, Values: value }]);
  if (data instanceof Set) return [...data].map((value, i) => [String(i), value]);
  return Object.entries(data);
}

function draw(header: string[], body: string[][]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...body.map((line) => (line[i] ?? '').length)) + 2);
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const line = (cells: string[]): string =>
    `│${cells.map((text, i) => ` ${text}`.padEnd(widths[i] as number)).join('│')}│`;
  return [rule('┌', '┬', '┐'), line(header), rule('├', '┼', '┤'), ...body.map(line), rule('└', '┴', '┘')].join('\n');
}
