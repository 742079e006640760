/** A text that does not read, and where it says so. */
export class YamlProblem extends Error {
  override readonly name = 'YamlProblem';
  /** UTF-16 units from the start of the file. */
  readonly offset: number;
  /** What to write instead. */
  readonly hint: string | undefined;
  /** The text is no YAML or JSON at all; else it is, and means something that no manifest can hold. */
  readonly isSyntax: boolean = false;

  constructor(message: string, offset: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

/** A text that is no YAML. */
export class YamlSyntaxError extends YamlProblem {
  override readonly isSyntax = true;
}
