/**
 * V8's compilation cache, which holds all that it is given until the isolate is gone: a text, and as much again that V8 has made of it.
 * Modules need it, since each context compiles them anew. A script is compiled once and kept by its program, so it stays out.
 */
import type ivm from 'isolated-vm';
import { setV8Flag } from './v8-flags.ts';

/** So much of scripts may be in it, in UTF-16 units: what sets a flag takes longer to load than most scripts take to compile. */
const TOLERATED_LENGTH = 1 << 20;

let isOn = true;
let scriptsLength = 0;

/** Compiles a script that is kept. */
export function compileScript(isolate: ivm.Isolate, code: string, options: ivm.ScriptInfo): ivm.Script {
  if (isOn) scriptsLength += code.length;
  // Cached data is made with the cache on, and V8 takes none that was made with other flags.
  switchCache(options.cachedData !== undefined || (isOn && scriptsLength <= TOLERATED_LENGTH));
  return isolate.compileScriptSync(code, options);
}

/** Compiles a module, for one context. */
export function compileModule(isolate: ivm.Isolate, code: string, options: ivm.ScriptInfo): ivm.Module {
  cacheModules();
  return isolate.compileModuleSync(code, options);
}

/** To be called before code of a context compiles a module. */
export function cacheModules(): void {
  switchCache(true);
}

function switchCache(on: boolean): void {
  if (on === isOn) return;
  setV8Flag(on ? '--compilation-cache' : '--no-compilation-cache');
  isOn = on;
}
