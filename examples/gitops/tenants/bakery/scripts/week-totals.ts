interface Sale {
  readonly day: string;
  readonly bread: string;
  readonly loaves: number;
}

/** Loaves sold of each bread. */
export default function weekTotals({ sales }: { sales: readonly Sale[] }): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { bread, loaves } of sales) totals[bread] = (totals[bread] ?? 0) + loaves;
  return totals;
}
