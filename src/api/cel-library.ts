import * as library from '@marcbachmann/cel-js';

/** The library that evaluates CEL. In the bundled CLI it is not evaluated itself before it is used, which takes longer than all else that a command loads. */
export const celLibrary = (): typeof library => library;
