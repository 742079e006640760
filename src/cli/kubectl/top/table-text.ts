import { stripVTControlCharacters } from 'node:util';

const GAP = '   ';

/** Cells in aligned columns, each line with a line feed. Cells may have colours. Pure. */
export function tableText(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string {
  const lengths = rows.map((row) => row.map((cell) => stripVTControlCharacters(cell).length));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...lengths.map((row) => row[column] ?? 0)));
  return rows
    .map((row, index) => {
      let [line, left] = ['', width];
      for (const [column, cell] of row.entries()) {
        const length = lengths[index]?.[column] ?? 0;
        // A line that the terminal would break moves all others.
        if (length > left) {
          line += stripVTControlCharacters(cell).slice(0, Math.max(0, left));
          break;
        }
        const isLast = column === row.length - 1;
        const padding = isLast ? 0 : (widths[column] ?? 0) - length + GAP.length;
        line += cell + ' '.repeat(Math.min(padding, left - length));
        left -= length + padding;
      }
      return `${line.trimEnd()}\n`;
    })
    .join('');
}
