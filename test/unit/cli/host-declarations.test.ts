import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import type TypeScript from 'typescript-5';
import { hostDeclarations } from '../../../src/cli/types/host-declarations.ts';

const ts = createRequire(import.meta.url)('typescript-5') as typeof TypeScript;

const declared = (text: string, names: string[], file = 'host.mjs'): string =>
  hostDeclarations(ts, { file, text, names });

describe('declarations of host functions', () => {
  test.each<[string, string, string[], string]>([
    [
      'a function with JSDoc: without its call, with a promise',
      `/**
 * Greets.
 * @param {HostCall} call
 * @param {string} name whom
 * @param {number} [times] how often
 * @returns {string}
 */
export function greet(call, name, times) {}`,
      ['greet'],
      `/**
 * Greets.
 * @param name whom
 * @param times how often
 */
declare function greet(name: string, times?: number): Promise<string>;`,
    ],
    [
      'one without types',
      'export async function f(call, a, b = 1) {}',
      ['f'],
      'declare function f(a: any, b?: number): Promise<any>;',
    ],
    ['an arrow function', 'export const f = async (call, a) => a;', ['f'], 'declare function f(a: any): Promise<any>;'],
    [
      'one that is exported by another name',
      'const f = (call) => 1; export { f as g };',
      ['g'],
      'declare function g(): Promise<any>;',
    ],
    [
      'objects in objects, with the comment of what a member stands for',
      '/** All. */ const list = (call) => []; export const db = { users: { list, get: (call, id) => id } };',
      ['db.users.list', 'db.users.get'],
      'declare const db: {\n  users: {\n    /** All. */\n    list(): Promise<any>;\n    get(id: any): Promise<any>;\n  };\n};',
    ],
    [
      'a frozen object',
      'export const db = Object.freeze({ get(call, id) {} });',
      ['db.get'],
      'declare const db: {\n  get(id: any): Promise<any>;\n};',
    ],
    ['a default export', 'export default { ping: (call) => 1 };', ['ping'], 'declare function ping(): Promise<any>;'],
    [
      'a setup hook',
      'export default function setup(host) {\n  /** Writes. */\n  host.expose("audit.record", async ({ context }, action) => 1);\n}',
      ['audit.record'],
      'declare const audit: {\n  /** Writes. */\n  record(action: any): Promise<any>;\n};',
    ],
    [
      'what is nowhere in the text',
      'export * from "./other.mjs";',
      ['f'],
      'declare function f(...args: any[]): Promise<any>;',
    ],
    [
      'rest arguments',
      '/** @param {...string} all */\nexport function f(call, ...all) {}',
      ['f'],
      'declare function f(...all: string[]): Promise<any>;',
    ],
    [
      'destructured arguments',
      '/** @param {{ id: string }} query */\nexport function f(call, { id }) {}',
      ['f'],
      'declare function f(query: { id: string }): Promise<any>;',
    ],
    [
      'the types that it names, and those that these name',
      '/** @typedef {object} A\n * @property {B} b\n * @property {string} [c]\n */\n/** @typedef {string | number} B */\n/** @typedef {string} Unused */\n/** @returns {Promise<A>} */\nexport const f = (call) => 1;',
      ['f'],
      'type A = {\n  b: B;\n  c?: string;\n};\n\ntype B = string | number;\n\ndeclare function f(): Promise<A>;',
    ],
    [
      'a name that a prototype has',
      'export const toString = (call) => 1;',
      ['toString'],
      'declare function toString(): Promise<any>;',
    ],
  ])('%s', (_what, text, names, expected) => {
    expect(declared(text, names)).toBe(expected);
  });

  test('TypeScript, as it is written', () => {
    const text = `
import type { HostCall } from 'copepod';
export interface Price { sku: string; price: number }
enum Kind { A = 'a' }
export const prices = {
  lookup: async ({ context }: HostCall, sku: string, kind?: Kind): Promise<Price[]> => [],
} as const;`;
    expect(declared(text, ['prices.lookup'], 'host.mts')).toBe(
      "interface Price { sku: string; price: number }\n\nenum Kind { A = 'a' }\n\ndeclare const prices: {\n  lookup(sku: string, kind?: Kind): Promise<Price[]>;\n};",
    );
  });

  test('text that is no module is no error: nothing is known of its functions', () => {
    expect(declared('export const = {{{', ['f'])).toBe('declare function f(...args: any[]): Promise<any>;');
    expect(declared('const a = a; export { a };', ['a'])).toBe('declare function a(...args: any[]): Promise<any>;');
  });
});
