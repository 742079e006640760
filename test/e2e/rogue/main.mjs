/**
 * A runtime pod's supervisor whose sandbox processes have been taken over: it forks two from a zygote, asks one of them
 * to try each thing that rogue-code.cjs knows, and prints what the system calls gave.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Zygote } from '/app/dist/runtime/zygote.js';

const ROGUE = '/rogue/rogue-code.cjs';
const { ATTEMPTS } = createRequire(import.meta.url)(ROGUE);

const zygote = new Zygote(ROGUE);
const [neighbour, rogue] = await Promise.all([zygote.fork('script', 8), zygote.fork('script', 8)]);
neighbour.socket.resume();

let said = '';
let wake = () => {};
rogue.socket.on('data', (chunk) => {
  said += chunk.toString('latin1');
  wake();
});
let isOver = false;
rogue.socket.on('close', () => {
  if (isOver) return;
  console.error('the rogue process ended');
  process.exit(1);
});

/** What it says up to an end. */
async function until(end) {
  while (!said.includes(end)) await new Promise((resolve) => (wake = resolve));
  const text = said.slice(0, said.indexOf(end));
  said = said.slice(text.length + end.length);
  return text;
}

await until('}'); // its first frame
const [, from] = /^([0-9a-f]+)-[0-9a-f]+ rw-p/m.exec(readFileSync(`/proc/${neighbour.pid}/maps`, 'latin1'));
const who = { supervisor: process.pid, neighbour: neighbour.pid, address: Number.parseInt(from, 16) };
const results = {};
for (const name of ATTEMPTS) {
  rogue.socket.write(JSON.stringify({ name, who }));
  results[name] = JSON.parse(await until('\n'));
}
const lines = (pid) =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .map((line) => line.split(':\t')),
  );
const { NoNewPrivs, Seccomp, Seccomp_filters, CapEff, Uid } = lines(rogue.pid);
const { Seccomp_filters: ownFilters } = lines(process.pid);
const status = { NoNewPrivs, Seccomp, CapEff, uid: Uid.split('\t')[0], filters: Seccomp_filters - ownFilters };
console.log(JSON.stringify({ pid: process.pid, results, status }));
isOver = true;
zygote.kill();
await zygote.ended;
process.exit(0);
