/** A minified file of a package as its authors publish it, and what is done with it. */
export interface Bundle {
  /** Name and exact version. */
  readonly package: string;
  /** The file's path within the package. */
  readonly file: string;
  /**
   * How it is loaded: as a script that declares a variable of this name, as a script that sets `module.exports`, or as a
   * module that another file imports.
   */
  readonly load: { readonly global: string } | 'CommonJS' | 'module';
  /** Expressions whose values are compared; in them `lib` is what was loaded. */
  readonly values: readonly string[];
  /** An expression that makes the bundle throw an error. */
  readonly throws: string;
}

export const global = (name: string): Bundle['load'] => ({ global: name });
