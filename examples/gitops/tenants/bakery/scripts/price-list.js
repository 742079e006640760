/** What each bread costs: its flour in kilograms, the price of flour, and a margin. */
export default function priceList({ flour, margin, breads }) {
  const price = (kilograms) => Math.round(kilograms * flour * (1 + margin) * 100) / 100;
  return Object.fromEntries(Object.entries(breads).map(([bread, kilograms]) => [bread, price(kilograms)]));
}
