/** The process that compiles, without TypeScript's own compiler. */
import { compilerCode } from './compiler.ts';

const code = compilerCode();

export const preload = (): void => code.preload();
export const preloadLate = (): void => code.preloadLate?.();
export const open: typeof code.open = (options) => code.open(options);
