type Is = (value: unknown) => boolean;
type Known = Record<'isBlob' | 'isFormData' | 'isHeaders' | 'isReadableStream' | 'isURLSearchParams', Is>;
const none: Is = () => false;

/** What values are, by interfaces whose code may not be evaluated: each puts its own test here. Before that, no value is one of them. */
export const known = {
  __proto__: null,
  isBlob: none,
  isFormData: none,
  isHeaders: none,
  isReadableStream: none,
  isURLSearchParams: none,
} as unknown as Known;
