/** Maximum number of rows. */
const MAX_ROWS = 200;

/** Formats a value for a cell; with `isWide`, objects with many properties are abbreviated. */
type Inspect = (value: unknown, isWide: boolean) => string;

/**
 * Formats an array or object of rows as a table, like Node's `console.table`; other values are printed as they are.
 * @param properties the columns, if restricted
 */
export function renderTable(data: unknown, properties: unknown, inspect: Inspect): string {
  const cell = (value: unknown): string =>
    inspect(value, isObject(value) && !Array.isArray(value) && Object.keys(value).length > 2);
  if (!isObject(data)) return typeof data === 'string' ? data : cell(data);
  if (data instanceof Map) {
    const entries = [...data].slice(0, MAX_ROWS).map(([key, value], i) => [cell(i), cell(key), cell(value)]);
    return draw(['(iteration index)', 'Key', 'Values'], entries);
  }
  if (data instanceof Set) {
    const values = [...data].slice(0, MAX_ROWS).map((value, i) => [cell(i), cell(value)]);
    return draw(['(iteration index)', 'Values'], values);
  }
  const rows = Object.entries(data).slice(0, MAX_ROWS);
  const wanted = Array.isArray(properties) ? properties.map(String) : undefined;
  const columns = wanted ?? [
    ...new Set(rows.flatMap(([, row]) => (isPrimitive(row) ? [] : Object.keys(row as object)))),
  ];
  const hasValues = wanted === undefined && rows.some(([, row]) => isPrimitive(row));
  const body = rows.map(([index, row]) => [
    index,
    ...columns.map((column) =>
      !isPrimitive(row) && Object.hasOwn(row as object, column) ? cell((row as Record<string, unknown>)[column]) : '',
    ),
    ...(hasValues ? [isPrimitive(row) ? cell(row) : ''] : []),
  ]);
  return draw(['(index)', ...columns, ...(hasValues ? ['Values'] : [])], body);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isPrimitive = (value: unknown): boolean => !isObject(value) && typeof value !== 'function';

function draw(header: string[], body: string[][]): string {
  const widths = header.map((title, i) => Math.max(width(title), ...body.map((line) => width(line[i] ?? ''))) + 2);
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((columns) => '─'.repeat(columns)).join(middle) + right;
  const line = (cells: string[]): string =>
    `│${cells.map((text, i) => ` ${text}${' '.repeat((widths[i] ?? 0) - width(text) - 1)}`).join('│')}│`;
  return [rule('┌', '┬', '┐'), line(header), rule('├', '┼', '┤'), ...body.map(line), rule('└', '┴', '┘')].join('\n');
}

const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}]/u;
const TWO_COLUMNS =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** Width of a text in terminal columns. */
function width(text: string): number {
  let columns = 0;
  for (const char of text) columns += NO_COLUMN.test(char) ? 0 : TWO_COLUMNS.test(char) ? 2 : 1;
  return columns;
}
