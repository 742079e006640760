import { bare } from './kit.ts';

type Is = (value: unknown) => boolean;
const none: Is = () => false;

/** What values are, by interfaces whose code may not be loaded: each puts its own test here. Before that, no value is one of them. */
export const known: { isReadableStream: Is; isBlob: Is; isFormData: Is } = bare({
  isReadableStream: none,
  isBlob: none,
  isFormData: none,
});
