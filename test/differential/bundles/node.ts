import vm from 'node:vm';
import type { ScriptSource } from '../../../src/index.ts';
import { MODULE } from './program.ts';

/** How a program ended: its value as JSON, or its error and the frames of its stack, the innermost first. */
export interface Ending {
  readonly value?: string | undefined;
  readonly error?: string;
  readonly frames?: readonly string[];
}

/**
 * Runs a program in Node's own `vm`.
 * @param globals names of the globals that it sees: what a bundle finds decides what it does
 */
export async function endingInNode(program: ScriptSource, globals: readonly string[]): Promise<Ending> {
  const context = contextWith(globals);
  try {
    const value = await (program.files === undefined ? runScript(program, context) : runModules(program, context));
    context.value_ = value;
    return { value: vm.runInContext('JSON.stringify(value_)', context) as string | undefined };
  } catch (error) {
    const { name, message, stack } = error as Error;
    return {
      error: name === '' ? message : message === '' ? name : `${name}: ${message}`,
      frames: framesOf(stack, program),
    };
  }
}

/** V8's own text of each frame, as plain Node prints it: @jest/source-map writes other names into the stacks of all realms. */
const V8_STACKS = `Object.defineProperty(Error, 'prepareStackTrace', {
  value: (error, sites) => [Error.prototype.toString.call(error), ...sites].join('\\n    at '),
  writable: true, configurable: true,
})`;

/** A realm with these globals alone: those that ECMAScript does not have are Node's. */
function contextWith(globals: readonly string[]): vm.Context {
  const context = vm.createContext({});
  const own = vm.runInContext('Object.getOwnPropertyNames(globalThis)', context) as string[];
  for (const name of own) if (!globals.includes(name)) vm.runInContext(`delete globalThis.${name}`, context);
  for (const name of globals) {
    if (!own.includes(name)) context[name] = (globalThis as Record<string, unknown>)[name];
  }
  vm.runInContext(V8_STACKS, context);
  return context;
}

const runScript = ({ source, name }: ScriptSource, context: vm.Context): unknown =>
  new vm.Script(source, { filename: name as string }).runInContext(context);

async function runModules({ source, name, files }: ScriptSource, context: vm.Context): Promise<unknown> {
  const module = (text: string, identifier: string): vm.SourceTextModule =>
    new vm.SourceTextModule(text, { identifier, context });
  const main = module(source, name as string);
  const bundle = module(files?.[MODULE] as string, MODULE);
  await main.link(() => bundle);
  await main.evaluate();
  return (main.namespace as { default: unknown }).default;
}

/** The frames of a program's files and of the built-ins between them, each with its name and place. */
export function framesOf(stack: unknown, { name, files }: ScriptSource): string[] {
  const lines = String(stack)
    .split('\n')
    .filter((line) => line.startsWith('    at '));
  const ours = [name as string, ...Object.keys(files ?? {})];
  const isOurs = (line: string): boolean => ours.some((file) => new RegExp(`[ (]${file}:\\d+:\\d+\\)?$`).test(line));
  const kept = lines.filter((line) => isOurs(line) || line.endsWith('(<anonymous>)'));
  return kept.slice(0, kept.findLastIndex(isOurs) + 1).map((line) => line.trim());
}
