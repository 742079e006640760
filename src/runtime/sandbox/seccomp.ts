/**
 * Programs for the kernel's seccomp filter: classic BPF, as in Documentation/userspace-api/seccomp_filter.rst and
 * linux/filter.h. Pure.
 */
import { ALLOWED_CALLS, type AllowedCall, type ArgumentRule, INSPECTOR_CALLS } from './syscalls.ts';

export const ARCHITECTURES = ['x64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

type Instruction = readonly [code: number, jumpIfTrue: number, jumpIfFalse: number, operand: number];

const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_IF_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (number: number): number => 0x00050000 | number;
const EPERM = 1;
const ENOSYS = 38;

/** struct seccomp_data: number, architecture, instruction pointer, six arguments of 64 bits, little endian on both. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argumentAt = (index: number): number => 16 + 8 * index;

const AUDIT_ARCHITECTURE: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const CLONE3 = 435;
const MADVISE: Readonly<Record<Architecture, number>> = { x64: 28, arm64: 233 };
const MADV_DONTFORK = 10;

/**
 * The filter of a sandbox process: allows what the table names and answers all else with EPERM.
 * @param pid of the process that installs it
 * @returns the instructions, as an array of struct sock_filter
 */
export function sandboxFilter(architecture: Architecture, pid: number): Buffer {
  return filterOf(ALLOWED_CALLS, architecture, pid);
}

/** The filter of a sandbox process under a debugger: what Node's inspector listens with is allowed too. */
export function inspectedFilter(architecture: Architecture, pid: number): Buffer {
  return filterOf([...ALLOWED_CALLS, ...INSPECTOR_CALLS], architecture, pid);
}

function filterOf(calls: readonly AllowedCall[], architecture: Architecture, pid: number): Buffer {
  return assemble([
    ...only(architecture),
    // Its flags lie in memory, where a filter can't look; without it, the C library takes clone.
    ...answer(CLONE3, [], errno(ENOSYS)),
    ...calls.flatMap((call) => allow(call, architecture, pid)),
    [RETURN, 0, 0, errno(EPERM)],
  ]);
}

/**
 * The filter of a zygote: V8 has its pages left out of forked processes (MADV_DONTFORK) and takes no note of whether
 * that succeeds. Here it seems to succeed, and does nothing: so children have V8's heap.
 */
export function zygoteFilter(architecture: Architecture): Buffer {
  return assemble([
    ...only(architecture),
    ...answer(MADVISE[architecture], [{ argument: 2, is: MADV_DONTFORK }], errno(0), ALLOW),
    [RETURN, 0, 0, ALLOW],
  ]);
}

/** Kills what makes calls of another architecture, whose numbers mean other calls; then loads the number. */
function only(architecture: Architecture): Instruction[] {
  return [
    [LOAD_WORD, 0, 0, ARCHITECTURE],
    [JUMP_IF_EQUAL, 1, 0, AUDIT_ARCHITECTURE[architecture]],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD_WORD, 0, 0, NUMBER],
  ];
}

function allow(call: AllowedCall, architecture: Architecture, pid: number): Instruction[] {
  const number = call[architecture];
  if (number === undefined) return [];
  const rules = (call.only ?? []).map((rule) =>
    'is' in rule && rule.is === 'own process id' ? { ...rule, is: pid } : rule,
  );
  return answer(number, rules, ALLOW, errno(EPERM));
}

/** What a call is answered with if its arguments keep the rules, and if not. */
function answer(number: number, rules: readonly ArgumentRule[], kept: number, broken: number = kept): Instruction[] {
  const checks = rules.flatMap(check);
  const ends: Instruction[] = [[RETURN, 0, 0, kept]];
  if (rules.length > 0) ends.push([RETURN, 0, 0, broken]);
  // A check that fails jumps over the rest of the checks and over the first of the ends.
  const block = checks.map(({ code, operand, failsIf }, index): Instruction => {
    const over = checks.length - index;
    if (code === LOAD_WORD) return [code, 0, 0, operand];
    return failsIf ? [code, over, 0, operand] : [code, 0, over, operand];
  });
  return [[JUMP_IF_EQUAL, 0, block.length + ends.length, number], ...block, ...ends];
}

interface Check {
  readonly code: number;
  readonly operand: number;
  /** Whether the jump being taken breaks the rule. */
  readonly failsIf?: boolean;
}

function check(rule: ArgumentRule): Check[] {
  const low = { code: LOAD_WORD, operand: argumentAt(rule.argument) };
  if ('anyOf' in rule) return [low, { code: JUMP_IF_ANY_BIT, operand: rule.anyOf, failsIf: false }];
  if ('noneOf' in rule) return [low, { code: JUMP_IF_ANY_BIT, operand: rule.noneOf, failsIf: true }];
  return [
    low,
    { code: JUMP_IF_EQUAL, operand: Number(rule.is), failsIf: false },
    { code: LOAD_WORD, operand: argumentAt(rule.argument) + 4 },
    { code: JUMP_IF_EQUAL, operand: 0, failsIf: false },
  ];
}

function assemble(instructions: readonly Instruction[]): Buffer {
  const program = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, jumpIfTrue, jumpIfFalse, operand]] of instructions.entries()) {
    program.writeUInt16LE(code, index * 8);
    program.writeUInt8(jumpIfTrue, index * 8 + 2);
    program.writeUInt8(jumpIfFalse, index * 8 + 3);
    program.writeUInt32LE(operand >>> 0, index * 8 + 4);
  }
  return program;
}
