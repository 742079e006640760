/** The process that compiles what needs TypeScript's own compiler. */
import { compilerCode, type LoadTypeScript } from './compiler.ts';

const code = compilerCode(() => require('./typescript-5.cjs') as ReturnType<LoadTypeScript>);

export const preload = (): void => code.preload();
export const preloadLate = (): void => code.preloadLate?.();
export const open: typeof code.open = (options) => code.open(options);
