/**
 * Takes the built-ins that the web platform's code uses, before a script can change them: the code itself is loaded when a
 * script first asks for one of its names, and has them from kit.ts.
 */
export function takeWebPrimordials() {
  const { prototype: text } = String;
  const { prototype: array } = Array;
  const { prototype: map } = Map;
  const { prototype: set } = Set;
  const { prototype: typedArray } = Object.getPrototypeOf(Uint8Array) as { prototype: object };
  const getter = (target: object, key: PropertyKey): (() => unknown) =>
    (Object.getOwnPropertyDescriptor(target, key) as { get(): unknown }).get;

  // Without a prototype: adding so many properties to an object of Object's takes four times as long.
  const taken = {
    __proto__: null,
    Object,
    Array,
    String,
    Error,
    TypeError,
    RangeError,
    Uint8Array,
    DataView,
    Map,
    Set,
    Date,
    RegExp,
    ArrayBuffer,
    Number,
    apply: Reflect.apply,
    ownKeys: Reflect.ownKeys,
    getOwnPropertyDescriptor: Object.getOwnPropertyDescriptor,
    defineProperty: Object.defineProperty,
    getPrototypeOf: Object.getPrototypeOf,
    setPrototypeOf: Object.setPrototypeOf,
    create: Object.create,
    defineProperties: Object.defineProperties,
    getOwnPropertyNames: Object.getOwnPropertyNames,
    assign: Object.assign,
    freeze: Object.freeze,
    keys: Object.keys,
    isArray: Array.isArray,
    isView: ArrayBuffer.isView,
    parse: JSON.parse,
    stringify: JSON.stringify,
    now: Date.now,
    trunc: Math.trunc,
    iterator: Symbol.iterator as typeof Symbol.iterator,
    inspectCustom: Symbol.for('nodejs.util.inspect.custom'),
    toStringTag: Symbol.toStringTag as typeof Symbol.toStringTag,
    arrayPrototype: array,
    objectPrototype: Object.prototype,
    objectToString: Object.prototype.toString,
    iteratorPrototype: Iterator.prototype as object,
    textSlice: text.slice,
    textSplit: text.split,
    textToWellFormed: text.toWellFormed,
    textCharCodeAt: text.charCodeAt,
    arrayJoin: array.join,
    sort: array.sort,
    mapForEach: map.forEach,
    setForEach: set.forEach,
    setAdd: set.add,
    setHas: set.has,
    dateGetTime: Date.prototype.getTime,
    numberValueOf: Number.prototype.valueOf,
    booleanValueOf: Boolean.prototype.valueOf,
    stringValueOf: text.valueOf,
    bigintValueOf: BigInt.prototype.valueOf,
    symbolValueOf: Symbol.prototype.valueOf,
    regexpSource: getter(RegExp.prototype, 'source'),
    regexpFlags: getter(RegExp.prototype, 'flags'),
    bufferByteLength: getter(ArrayBuffer.prototype, 'byteLength'),
    bufferMaxByteLength: getter(ArrayBuffer.prototype, 'maxByteLength'),
    bufferResizable: getter(ArrayBuffer.prototype, 'resizable'),
    bufferDetached: getter(ArrayBuffer.prototype, 'detached'),
    bufferSlice: ArrayBuffer.prototype.slice,
    bufferTransfer: ArrayBuffer.prototype.transfer,
    viewBuffer: getter(DataView.prototype, 'buffer'),
    viewByteLength: getter(DataView.prototype, 'byteLength'),
    viewByteOffset: getter(DataView.prototype, 'byteOffset'),
    typedBuffer: getter(typedArray, 'buffer'),
    typedByteLength: getter(typedArray, 'byteLength'),
    typedByteOffset: getter(typedArray, 'byteOffset'),
    typedLength: getter(typedArray, 'length'),
    typedName: getter(typedArray, Symbol.toStringTag),
    typedSet: (typedArray as Uint8Array).set,
    typedSubarray: (typedArray as Uint8Array).subarray,
    isError: (Error as unknown as { isError(value: unknown): boolean }).isError,
  };
  return taken as Omit<typeof taken, '__proto__'>;
}

export type WebPrimordials = ReturnType<typeof takeWebPrimordials>;

/** The methods of `Object` that all of the platform needs, as they were before the script ran; descriptors count without what a prototype adds. */
export function safeObject({
  assign,
  create,
  defineProperties,
  defineProperty,
  freeze,
  getOwnPropertyDescriptor,
  getOwnPropertyNames,
  getPrototypeOf,
  keys,
  Object: SafeObject,
  objectPrototype: prototype,
  setPrototypeOf,
}: WebPrimordials) {
  return {
    __proto__: SafeObject,
    assign,
    create,
    defineProperties,
    defineProperty: (target: object, key: PropertyKey, descriptor: PropertyDescriptor) =>
      defineProperty(target, key, setPrototypeOf(descriptor, null)),
    freeze,
    getOwnPropertyDescriptor,
    getOwnPropertyNames,
    getPrototypeOf,
    keys,
    prototype,
    setPrototypeOf,
  };
}

export type SafeObject = ReturnType<typeof safeObject>;
