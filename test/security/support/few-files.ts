/** A program that embeds a runtime and may open few files: says how an execution ends. */
import { createRuntime } from '../../../src/index.ts';

const runtime = createRuntime({ pool: { size: 1 } });
const { reason, error } = await runtime.execute('1');
await runtime.close();
process.stdout.write(JSON.stringify({ reason, message: error?.message }));
