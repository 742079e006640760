/** Functions that answer in place of those of a tool. They may be asynchronous. */
type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

interface ToolStub {
  /** The calls, in order. */
  readonly calls: { readonly name: string; readonly args: unknown[] }[];
}

/**
 * Defines a tool, or an object of host functions, for the rest of this test. As with the real one, what goes in and out is JSON, and
 * each function gives a promise; what it throws is what the promise is rejected with.
 */
export function stubTool(name: string, functions: Functions): ToolStub {
  const calls: ToolStub['calls'] = [];
  const tool = Object.create(null);
  for (const [member, answer] of Object.entries(functions)) {
    if (typeof answer !== 'function') throw new TypeError(`stubTool: ${name}.${member} must be a function`);
    tool[member] = async (...args: unknown[]) => {
      const given = copied(args) as unknown[];
      calls.push({ name: member, args: given });
      return copied(await (answer as (...args: unknown[]) => unknown)(...given));
    };
  }
  Object.defineProperty(globalThis, name, { value: Object.freeze(tool), enumerable: true, configurable: true });
  return { calls };
}

function copied(value: unknown): unknown {
  const json = JSON.stringify(value);
  return json === undefined ? undefined : JSON.parse(json);
}
