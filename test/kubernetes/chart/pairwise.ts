/** A choice for each factor. */
export type Choice<T> = Readonly<Record<string, T>>;

interface Pair<T> {
  readonly first: readonly [string, T];
  readonly second: readonly [string, T];
}

/**
 * Combinations in which every two values of two factors occur together at least once: greedily, each combination starts with a
 * pair that is left and takes the values that cover most others that are left. Deterministic.
 */
export function pairwise<T>(factors: Readonly<Record<string, readonly T[]>>): Choice<T>[] {
  const left = new Set(pairsOf(factors));
  const combinations: Choice<T>[] = [];
  for (const pair of left) {
    const choice: Record<string, T> = Object.fromEntries([pair.first, pair.second]);
    for (const [name, values] of Object.entries(factors)) {
      if (name in choice) continue;
      const gains = values.map((value) => count(left, (each) => isIn(each, { ...choice, [name]: value })));
      choice[name] = values[gains.indexOf(Math.max(...gains))] as T;
    }
    for (const each of left) if (isIn(each, choice)) left.delete(each);
    combinations.push(choice);
  }
  return combinations;
}

function pairsOf<T>(factors: Readonly<Record<string, readonly T[]>>): Pair<T>[] {
  const names = Object.keys(factors);
  return names.flatMap((one, at) =>
    names
      .slice(at + 1)
      .flatMap((other) =>
        (factors[one] ?? []).flatMap((value) =>
          (factors[other] ?? []).map((another): Pair<T> => ({ first: [one, value], second: [other, another] })),
        ),
      ),
  );
}

const isIn = <T>({ first, second }: Pair<T>, choice: Choice<T>): boolean =>
  [first, second].every(([name, value]) => choice[name] === value);

function count<T>(all: Iterable<T>, isWanted: (each: T) => boolean): number {
  let number = 0;
  for (const each of all) if (isWanted(each)) number++;
  return number;
}
