/** Formats logged values like Node's console. A separate bundle, loaded into a context on demand. */
import { format, inspect } from 'node-inspect-extracted';
import type { Inspector } from './port.ts';
import { renderTable } from './table.ts';

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: Inspector;

bundle = {
  format: (args) => format(...args),
  inspect: (value, options) => inspect(value, { breakLength: 120, ...(options as object) }),
  table: (data, columns) =>
    renderTable(data, columns, (value, isWide) =>
      inspect(value, { depth: isWide ? -1 : 0, maxArrayLength: 3, breakLength: Number.POSITIVE_INFINITY }),
    ),
};
