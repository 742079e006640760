import type { Scenario } from '../workload.ts';

export const SOURCE = `const cents = (euros) => Math.round(euros * 100);

function main({ customer, items }) {
  const subtotal = items.reduce((sum, { price, quantity }) => sum + cents(price) * quantity, 0);
  const rules = [
    { name: 'gold-over-100', percent: 15, when: () => customer.tier === 'gold' && subtotal >= 10000 },
    { name: 'welcome', percent: 10, when: () => customer.orders === 0 },
    { name: 'none', percent: 0, when: () => true },
  ];
  const { name, percent } = rules.find(({ when }) => when());
  const discount = Math.round((subtotal * percent) / 100);
  const shipping = subtotal - discount >= 5000 ? 0 : 490;
  return { total: (subtotal - discount + shipping) / 100, rule: name };
}

main(params);`;

export const PARAMS = {
  customer: { tier: 'gold', orders: 12 },
  items: [
    { sku: 'desk-lamp', price: 39.9, quantity: 2 },
    { sku: 'chair-mat', price: 63.8, quantity: 1 },
  ],
};

export const RESULT = '{"total":122.06,"rule":"gold-over-100"}';

export const small: Scenario = {
  name: 'small',
  title: 'a price rule over params, 17 lines',
  reuse: true,
  alone: true,
  params: PARAMS,
  source: () => SOURCE,
  expected: () => RESULT,
  tenant: () => 'acme',
};
