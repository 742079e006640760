/** Where `spec` stands in the schema of a ScriptExecution, and where in the template of a ScriptSchedule. */
const SPEC = '            spec:\n';
const TEMPLATE_SPEC = '                    spec:';
const INDENT = ' '.repeat(TEMPLATE_SPEC.indexOf('spec') - SPEC.indexOf('spec'));

/**
 * The definition of ScriptSchedule with the spec of ScriptExecution as its template's: the API server knows no references between
 * schemas. Both are the text of their YAML files.
 *
 * @throws Error where one of them has no such place: a bug
 */
export function withTemplate(schedule: string, execution: string): string {
  const spec = block(execution, SPEC.trimEnd());
  const before = block(schedule, TEMPLATE_SPEC);
  const template = spec.replace(/^(?=.)/gm, INDENT);
  return schedule.replace(before, () => template);
}

/** A key at the end of the file's first such line, with all that is indented deeper below it. */
function block(text: string, key: string): string {
  const start = text.indexOf(`\n${key}`) + 1;
  if (start === 0) throw new Error(`no line ${JSON.stringify(key)}`);
  const indent = key.length - key.trimStart().length;
  const rest = text.slice(text.indexOf('\n', start) + 1);
  const end = rest.search(new RegExp(`^ {0,${indent}}[^ \\n]`, 'm'));
  return text.slice(start, text.length - rest.length + (end < 0 ? rest.length : end));
}
