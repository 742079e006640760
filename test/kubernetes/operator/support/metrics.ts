type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** What a process says at `/metrics`. */
export class Metrics {
  /** Of the families: of a histogram one, however many series it has. */
  readonly names: readonly string[];
  readonly #samples: readonly Sample[];

  /** @param text in Prometheus' format */
  constructor(text: string) {
    const lines = text.split('\n');
    this.names = lines.flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []);
    this.#samples = lines.flatMap((line) => {
      const match = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match === null) return [];
      const [, name = '', labels = '', value] = match;
      const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key, each]) => [key, each] as const);
      return [{ name, labels: Object.fromEntries(pairs) as Labels, value: Number(value) }];
    });
  }

  static async of(address: string): Promise<Metrics> {
    const response = await fetch(`http://${address}/metrics`);
    return new Metrics(await response.text());
  }

  /** The series of a metric; none where there is no such metric. */
  series(name: string): readonly Sample[] {
    return this.#samples.filter((each) => each.name === name);
  }

  /** The sum of all series that have these labels; 0 where there are none. Throws where there is no such metric. */
  sum(name: string, labels: Labels = {}): number {
    if (!this.names.includes(name.replace(/_(?:bucket|sum|count)$/, '')) && !this.names.includes(name)) {
      throw new Error(`there is no metric ${name}`);
    }
    return this.#samples
      .filter(
        (each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  }
}
