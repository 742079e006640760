/** Runs the program on standard input in this process, and writes its results as JSON to descriptor 3. */
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { runInThisContext } from 'node:vm';

const { stringify } = JSON;
const program = await text(process.stdin);

// The harness counts what nothing handles by these events, which the global object of Node does not have.
const target = new EventTarget();
Object.assign(globalThis, {
  addEventListener: target.addEventListener.bind(target),
  removeEventListener: target.removeEventListener.bind(target),
});
process.on('uncaughtException', (error) => {
  target.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { error, message: String(error) }));
});
process.on('unhandledRejection', (reason) => {
  target.dispatchEvent(Object.assign(new Event('unhandledrejection', { cancelable: true }), { reason }));
});

const results = await runInThisContext(program, { filename: 'test.any.js' });
writeFileSync(3, stringify(results));
process.exit();
