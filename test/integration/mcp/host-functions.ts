/** A module of host functions for tests of MCP: it prints, waits, and leaves marks of what became of its calls. */
export const hostFunctions = (marks: string): string => `
import { writeFileSync } from 'node:fs';
/** @typedef {{ sku: string, price: number }} Price */
export const prices = {
  /**
   * Looks an article up.
   * @param {import('copepod').HostCall} call
   * @param {string} sku its number
   * @returns {Promise<Price>}
   */
  async lookup(call, sku) {
    console.log('a host function prints');
    return { sku, price: 21, tenant: call.context.tenant.id };
  },
};
/** Waits until the call is over. */
export function hang({ signal }) {
  return new Promise((resolve) => {
    writeFileSync(${JSON.stringify(`${marks}/started`)}, '');
    signal.addEventListener('abort', () => {
      writeFileSync(${JSON.stringify(`${marks}/aborted`)}, '');
      resolve();
    });
  });
}
`;
