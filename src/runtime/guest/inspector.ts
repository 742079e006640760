/** Formats logged values like Node's console. A separate bundle, loaded into a context on demand. */
import { format, inspect } from 'node-inspect-extracted';
import type { Inspector, Proxies } from './port.ts';
import { renderTable } from './table.ts';

// biome-ignore-start lint/style/useConst: declared by scripts/build.ts around the bundle
/** The value of the bundle. */
declare let bundle: (proxies: Proxies) => Inspector;
/** What the library asks about a value: target and handler of a proxy, or the target alone; undefined where it is none. */
declare let proxyDetails: (value: unknown, withHandler: boolean) => unknown;
// biome-ignore-end lint/style/useConst: as above

bundle = ({ isProxy, targetOf, handlerOf }) => {
  proxyDetails = (value, withHandler) => {
    if (!isProxy(value)) return undefined;
    return withHandler ? [targetOf(value), handlerOf(value)] : targetOf(value);
  };
  return {
    format: (args) => format(...args),
    inspect: (value, options) => inspect(value, { breakLength: 120, ...(options as object) }),
    table: (data, columns) =>
      renderTable(data, columns, (value, isWide) =>
        inspect(value, { depth: isWide ? -1 : 0, maxArrayLength: 3, breakLength: Number.POSITIVE_INFINITY }),
      ),
  };
};
