/** Lines of a table: the first columns left-aligned, the others right-aligned, separated by two spaces. Pure. */
export function tableLines(rows: readonly (readonly string[])[], leftColumns = 1): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const cell = (text: string, column: number): string =>
    column < leftColumns ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join('  ').trimEnd()}`);
}
