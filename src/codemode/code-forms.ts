/** A program that code may be meant as. */
export interface CodeForm {
  readonly source: string;
  /** Lines before the first one of the code. */
  readonly linesBefore: number;
}

const FENCED = /^```[^\n]*\n([\s\S]*?)\n?```$/;

/**
 * The programs that code of a model may be, in the order in which they are tried; the first that compiles is run. Models write
 * a function (`async () => { ... }`), which is called; statements, whose last expression is the result; a module with
 * `export default`; or the body of a function, with `return`. Nothing is parsed here: that is for the compiler, in a process of
 * its own. The text around the code gives it no right that it lacks. Pure.
 */
export function codeForms(code: string): readonly CodeForm[] {
  const trimmed = code.trim();
  const text = (FENCED.exec(trimmed)?.[1] ?? trimmed).trim();
  return [
    // In parentheses, so that it is one expression and no more.
    { source: `export default (\n${text.replace(/;$/, '')}\n)`, linesBefore: 1 },
    { source: text, linesBefore: 0 },
    { source: `export default async () => {\n${text}\n}`, linesBefore: 1 },
  ];
}
