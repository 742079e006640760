// Prepended to every script of the soak: looks for traces of other executions wherever a script can reach, and leaves a
// trace there itself. None must be found: each execution has its own context.
let runs = 0;

function closure() {
  runs += 1;
  closure.calls = (closure.calls ?? 0) + 1;
  return runs + closure.calls;
}

function leaveMarks() {
  const key = Symbol.for('copepod.soak.mark');
  const mark = `mark of ${context.tenant.id}`;
  const generator = Object.getPrototypeOf(function* () {});
  const asyncGenerator = Object.getPrototypeOf(async function* () {});
  const places = {
    globalThis,
    console,
    context,
    params,
    closure,
    constructors: globalThis.constructor,
    objects: Object.prototype,
    functions: Function.prototype,
    arrays: Array.prototype,
    strings: String.prototype,
    numbers: Number.prototype,
    symbols: Symbol.prototype,
    errors: Error.prototype,
    error: Error,
    promises: Promise.prototype,
    promise: Promise,
    maps: Map.prototype,
    weakMaps: WeakMap.prototype,
    regExps: RegExp.prototype,
    dates: Date.prototype,
    buffers: ArrayBuffer.prototype,
    typedArrays: Object.getPrototypeOf(Uint8Array.prototype),
    iterators: Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
    generators: generator.prototype,
    asyncGenerators: asyncGenerator.prototype,
    asyncFunctions: Object.getPrototypeOf(async () => {}),
    math: Math,
    json: JSON,
    reflect: Reflect,
    proxy: Proxy,
    intl: globalThis.Intl ?? {},
  };

  const found = [];
  for (const [name, place] of Object.entries(places)) {
    if (Object.hasOwn(place, key)) found.push(`${name}: ${place[key]}`);
    // `context` is frozen, and other objects may be.
    Reflect.defineProperty(place, key, { value: mark, configurable: true });
  }

  if (RegExp.$1.startsWith('mark of')) found.push(`RegExp.$1: ${RegExp.$1}`);
  /(.*)/.exec(mark);
  if (Error.stackTraceLimit === 7) found.push('Error.stackTraceLimit');
  Error.stackTraceLimit = 7;
  if (closure() !== 2) found.push('a closure that has been called before');
  for (const native of [Array.prototype.map, JSON.stringify, Promise.prototype.then, Object.keys]) {
    if (!Function.prototype.toString.call(native).includes('[native code]')) found.push(`replaced: ${native.name}`);
  }
  return found;
}

// biome-ignore lint/correctness/noUnusedVariables: called by the scripts that follow.
function report(value) {
  return { found, tenant: context.tenant.id, user: context.user.id, n: params.n, value };
}

const found = leaveMarks();
