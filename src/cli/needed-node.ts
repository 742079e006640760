// The major version of "engines" in package.json. An older Node would fail later, with an unrelated stack trace.
const NEEDED_NODE = 26;

/** Whether this Node is one that copepod runs on; if not, says what to do, and sets the exit code. */
export function isNeededNode(): boolean {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) return true;
  process.stderr.write(`copepod: needs Node ${NEEDED_NODE} or later; this is ${process.version}\n`);
  process.stderr.write(`  'npm install node@${NEEDED_NODE}' in your project brings it; then run 'npx copepod'\n`);
  process.exitCode = 2;
  return false;
}
