const HELPERS = `/** A host function as scripts call it: without the call that the host sees, and with a promise of JSON. */
type HostFunction<F> = F extends (call: any, ...args: infer Args) => infer Result ? (...args: Args) => Promise<Awaited<Result>> : never;
type HostFunctions<T> = {
  readonly [K in keyof T as T[K] extends object ? K : never]: T[K] extends (...args: never[]) => unknown ? HostFunction<T[K]> : HostFunctions<T[K]>;
};
`;

/**
 * Declarations of host functions, with the types that their module has.
 *
 * @param names as scripts call them, with dots, such as `prices.lookup`
 * @param exported what the module exports by name: the types of others are not known
 * @param module path to the module from the declarations, such as `./host-functions.mjs`
 */
export function hostTypes(names: readonly string[], exported: ReadonlySet<string>, module: string): string {
  if (names.length === 0) return '';
  const roots = Map.groupBy(names, (name) => name.split('.', 1)[0] ?? '');
  const declarations = [...roots].map(([root, members]) => {
    const type = `(typeof import(${JSON.stringify(module)}))[${JSON.stringify(root)}]`;
    if (!exported.has(root))
      return `declare const ${root}: ${untyped(members.map((name) => name.split('.').slice(1)))};\n`;
    const isFunction = members.length === 1 && members[0] === root;
    return `declare const ${root}: ${isFunction ? 'HostFunction' : 'HostFunctions'}<${type}>;\n`;
  });
  return `${HELPERS}\n${declarations.join('')}`;
}

/** The type of a host function, or of an object of them, whose own types are not known. */
function untyped(paths: readonly (readonly string[])[]): string {
  if (paths.some(({ length }) => length === 0)) return '(...args: any[]) => Promise<any>';
  const members = [...Map.groupBy(paths, ([first]) => first ?? '')].map(([name, below]) => {
    return `readonly ${JSON.stringify(name)}: ${untyped(below.map((path) => path.slice(1)))}`;
  });
  return `{ ${members.join('; ')} }`;
}
