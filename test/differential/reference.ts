import vm from 'node:vm';

/** How a script ended: its value as JSON, or its error and the place of its topmost frame. */
export interface Ending {
  readonly value?: string | undefined;
  readonly error?: string;
  readonly place?: string | undefined;
}

/** What Node's own `vm` makes of a script. */
export function endingInNode(source: string): Ending {
  const context = vm.createContext({});
  try {
    return { value: jsonOf(new vm.Script(source, { filename: 'script.js' }).runInContext(context), context) };
  } catch (error) {
    const { name, message, stack = '' } = error as Error;
    const frame = /\(?script\.js:(\d+):(\d+)\)?$/m.exec(stack.slice(stack.indexOf('\n    at ')));
    const early = /^script\.js:(\d+)/.exec(stack); // an early error shows its line alone
    return { error: `${name}: ${message}`, place: frame ? `${frame[1]}:${frame[2]}` : early?.[1] };
  }
}

/** The value as JSON, made in its realm; text where JSON cannot hold it. */
function jsonOf(value: unknown, context: vm.Context): string | undefined {
  context.value_ = value;
  return vm.runInContext(
    `(() => { try { return typeof value_ === "function" || typeof value_ === "symbol" ? "no JSON" : JSON.stringify(value_) } catch { return "no JSON" } })()`,
    context,
  ) as string | undefined;
}
