// What the code of an agent can call. Types and comments are for the agent: they become the description of its tool.
import { HostError } from 'copepod';

/** @typedef {{ id: number, customer: string, total: number, isPaid: boolean }} Order */

/** Stands for a database. */
const ORDERS = Array.from({ length: 40 }, (_, index) => ({
  id: index + 1,
  customer: ['ada', 'grace', 'linus'][index % 3],
  total: 10 + index,
  isPaid: index % 4 !== 0,
}));

export const orders = {
  /**
   * Lists orders, ten at a time.
   * @param {import('copepod').HostCall} _call
   * @param {number} [page] from 0
   * @returns {Promise<Order[]>}
   */
  async list(_call, page = 0) {
    return ORDERS.slice(page * 10, page * 10 + 10);
  },

  /**
   * Reminds the customer of an order to pay.
   * @param {import('copepod').HostCall} _call
   * @param {number} id
   * @returns {Promise<void>}
   */
  async remind(_call, id) {
    if (ORDERS[id - 1]?.isPaid !== false) throw new HostError(`order ${id} is paid, or not there`);
  },
};
