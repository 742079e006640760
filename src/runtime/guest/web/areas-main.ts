/** The areas of the web platform beside its core, as one bundle. scripts/build.ts gives it the core's modules (areas.ts). */
import { bare } from './kit.ts';
import { AREAS, HANDLERS, type WebGlobals, type WebName } from './names.ts';

// biome-ignore lint/style/useConst: what the bundle is worth, declared by scripts/build.ts around it
declare let bundle: WebGlobals;

/** The global object's own of EventTarget. */
const METHODS: readonly string[] = bare(['addEventListener', 'dispatchEvent', 'removeEventListener']);

type Area = Readonly<Record<string, unknown>>;

// esbuild evaluates a module that is required when that is first asked for, and never twice.
bundle = (name: WebName): unknown => {
  if (isOf(AREAS.streams, name)) return (require('./streams.ts') as Area)[name];
  if (isOf(AREAS.textStreams, name)) return (require('./text-streams.ts') as Area)[name];
  if (isOf(AREAS.compression, name)) return (require('./compression-streams.ts') as Area)[name];
  if (isOf(AREAS.patterns, name)) return (require('./url-pattern.ts') as Area)[name];
  if (name === 'crypto.subtle') return (require('./subtle.ts') as Area).subtle;
  if (name === 'serve') return (require('./serve.ts') as Area).serve;
  if (isOf(AREAS.crypto, name)) return (require('./subtle.ts') as Area)[name];
  if (isOf(AREAS.messages, name)) return (require('./message-port.ts') as Area)[name];
  if (isOf(AREAS.events, name)) return (events() as unknown as Area)[name];
  if (isOf(METHODS, name)) return events().globalMethods[name];
  if (isOf(HANDLERS, name)) return events().globalHandler(name);
  if (name === 'structuredClone') return (require('./structured-clone.ts') as { cloning: Area }).cloning[name];
  if (name === 'tracing') return (require('./tracing.ts') as Area).tracing;
  return (require('./fetch-classes.ts') as Area)[name];
};

interface GlobalEvents {
  readonly globalMethods: Area;
  globalHandler(name: string): unknown;
}

const events = (): GlobalEvents => require('./global-events.ts') as GlobalEvents;

function isOf(names: readonly string[], name: string): boolean {
  for (let i = 0; i < names.length; i++) if (names[i] === name) return true;
  return false;
}
