import { MAX_FILE_NAME } from '../../api/limits.ts';

/** A name goes into stacks: one line, no brackets, no control characters, not too long. */
export const safeName = (name: string): string => name.replace(/[^\w./@+-]/g, '_').slice(-MAX_FILE_NAME);

/** Whether a file of a program can have this name. */
export const isFileName = (name: string): boolean => safeName(name) === name;
