/** Compiling the program takes what this process does not have: a parser, or TypeScript's own compiler. */
export class NeedsMoreError extends Error {}
