type Labels = Readonly<Record<string, string>>;

interface Sample {
  /** Of the metric: a histogram's three kinds of series have one. */
  readonly metric: string;
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** What a process says at `/metrics`. */
export class Metrics {
  /** `counter`, `gauge` or `histogram`, by name. */
  readonly types: ReadonlyMap<string, string>;
  readonly #samples: readonly Sample[];

  /** @param text in Prometheus' format */
  constructor(text: string) {
    const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    this.types = new Map(typed.map(([, name = '', type = '']) => [name, type]));
    const samples = [...text.matchAll(/^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/gm)];
    this.#samples = samples.map(([, name = '', labels = '', value]) => ({
      metric: this.#metricOf(name),
      name,
      labels: Object.fromEntries([...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key, each]) => [key, each])),
      value: Number(value),
    }));
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
    if (!this.types.has(this.#metricOf(name))) throw new Error(`there is no metric ${name}`);
    const wanted = Object.entries(labels);
    return this.#samples
      .filter((each) => each.name === name && wanted.every(([key, value]) => each.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** The labels of a metric's series, but for a histogram's own; undefined where it has no series. */
  labelsOf(metric: string): string[] | undefined {
    const sample = this.#samples.find((each) => each.metric === metric);
    return sample && Object.keys(sample.labels).filter((label) => label !== 'le');
  }

  #metricOf(name: string): string {
    return this.types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
  }
}
