/**
 * The web platform inside the isolate. scripts/web-modules.ts makes files of the modules of this folder, each of which is evaluated in a
 * context when a script first needs it. `web` has those that many scripts need, `web-seldom` the others. `web-handler` has what each web handler
 * needs as one: a context that has run nothing evaluates it in half of the time. Another file is loaded with the first of its modules.
 */
import type { Kit } from './kit.ts';
import { type Exported, moduleOf } from './module-of.ts';
import type { WebGlobals } from './names.ts';

type Exports = Readonly<Record<string, unknown>>;
/** A module's code: evaluates it. */
type Code = () => Exports;
type Use = (name: string) => Exports;

/** Declared by scripts/web-modules.ts around what it builds. */
declare const kit: Kit;
declare function codeOf(name: string): Code | undefined;
/** Whether the file is that of web handlers. */
declare const IS_HANDLER: boolean;
/** What modules get each other by. */
declare let use: Use;
// biome-ignore lint/style/useConst: what the bundle is worth
declare let bundle: WebGlobals;

const evaluated = { __proto__: null } as unknown as Record<string, Exports>;
let often: ((name: string) => Code | undefined) | undefined;
let seldom: ((name: string) => Code) | undefined;

use = (name) => {
  const known = evaluated[name];
  if (known !== undefined) return known;
  const exports = (codeOfOften(name) ?? codeOfSeldom(name))();
  evaluated[name] = exports;
  return exports;
};

function codeOfOften(name: string): Code | undefined {
  const code = codeOf(name);
  if (!IS_HANDLER || code !== undefined) return code;
  often ??= (kit.port('web') as (kit: Kit, use: Use) => (name: string) => Code | undefined)(kit, use);
  return often(name);
}

function codeOfSeldom(name: string): Code {
  seldom ??= (kit.port('web-seldom') as (kit: Kit, use: Use) => (name: string) => Code)(kit, use);
  return seldom(name);
}

let areSettled = false;

/** The first global that a script reads makes data properties of the interfaces that it may use, but for those that few scripts need. */
function settle(): void {
  areSettled = true;
  for (const name in kit.lazy) {
    const module = moduleOf(name as Exported);
    if (codeOfOften(module) !== undefined) kit.lazy[name]?.(use(module)[name]);
  }
}

bundle = (name) => {
  switch (name) {
    case 'onerror':
    case 'onrejectionhandled':
    case 'onunhandledrejection':
      return (use('global-events').globalHandler as (name: string) => unknown)(name);
    case 'serve':
      return use('serve').serve;
    default:
      if (!areSettled) settle();
      return use(moduleOf(name))[name];
  }
};
