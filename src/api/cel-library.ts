import * as library from '@marcbachmann/cel-js';

/** The library that evaluates CEL. In the bundled CLI its code runs at the first call: that takes longer than all else that a command loads. */
export const celLibrary = (): typeof library => library;
