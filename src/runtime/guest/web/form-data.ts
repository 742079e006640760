import { type Blob, type File, fileOf, isBlob, isFile } from './blob.ts';
import { asArray, asInterface, primordials, requireArguments, usv } from './kit.ts';
import { known } from './known.ts';
import { isIterableBy, pairIterator } from './pair-iterator.ts';

const { TypeError: SafeTypeError, apply } = primordials;

export type FormEntry = readonly [name: string, value: string | File];

export let formEntries: (form: FormData) => readonly FormEntry[];
export let formOf: (entries: readonly FormEntry[]) => FormData;
export let isFormData: (value: unknown) => value is FormData;

export class FormData {
  #entries: FormEntry[] = [];

  static {
    formEntries = (form) => form.#entries;
    formOf = (entries) => {
      const form = new FormData();
      form.#entries = [...entries];
      return form;
    };
    isFormData = (value): value is FormData => typeof value === 'object' && value !== null && #entries in value;
  }

  constructor(form: unknown = undefined) {
    if (form !== undefined) throw new SafeTypeError('FormData: there are no forms here');
  }

  append(name: unknown, value: unknown, filename: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'FormData.append');
    this.#entries.push(entryOf(name, value, filename, arguments.length > 2, 'FormData.append'));
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, 'FormData.delete');
    const key = usv(name);
    this.#entries = this.#entries.filter(([each]) => each !== key);
  }

  get(name: unknown): string | File | null {
    requireArguments(arguments.length, 1, 'FormData.get');
    const key = usv(name);
    return this.#entries.find(([each]) => each === key)?.[1] ?? null;
  }

  getAll(name: unknown): (string | File)[] {
    requireArguments(arguments.length, 1, 'FormData.getAll');
    const key = usv(name);
    return asArray(this.#entries.filter(([each]) => each === key).map(([, value]) => value));
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'FormData.has');
    const key = usv(name);
    return this.#entries.some(([each]) => each === key);
  }

  set(name: unknown, value: unknown, filename: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'FormData.set');
    const entry = entryOf(name, value, filename, arguments.length > 2, 'FormData.set');
    const at = this.#entries.findIndex(([each]) => each === entry[0]);
    if (at < 0) this.#entries.push(entry);
    else this.#entries = this.#entries.filter(([each], i) => each !== entry[0] || i === at).with(at, entry);
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'FormData.forEach');
    if (typeof callback !== 'function') throw new SafeTypeError('FormData.forEach: the callback is not a function');
    for (let i = 0; i < this.#entries.length; i++) {
      const [name, value] = this.#entries[i] as FormEntry;
      apply(callback as () => void, thisArgument, [value, name, this]);
    }
  }

  keys(): IterableIterator<unknown> {
    return iterate(this, 'key');
  }

  values(): IterableIterator<unknown> {
    return iterate(this, 'value');
  }

  entries(): IterableIterator<unknown> {
    return iterate(this, 'entry');
  }
}

const iterate = pairIterator('FormData', (form) => formEntries(form as FormData).flat());
known.isFormData = isFormData;
asInterface(FormData, 'FormData', (form) => formEntries(form as FormData).flat());
isIterableBy(FormData, 'entries');

function entryOf(name: unknown, value: unknown, filename: unknown, isNamed: boolean, what: string): FormEntry {
  const key = usv(name);
  if (!isBlob(value)) {
    if (isNamed) throw new SafeTypeError(`${what}: a value with a file name is a Blob`);
    return [key, usv(value)];
  }
  return [key, isFile(value) && filename === undefined ? value : named(value, filename)];
}

function named(blob: Blob, filename: unknown): File {
  const name = filename === undefined ? 'blob' : usv(filename);
  return fileOf(blob, name, isFile(blob) ? blob.lastModified : undefined);
}
