type Labels = Readonly<Record<string, string>>;

interface Sample {
  /** Name of the metric; the three kinds of series of a histogram share one. */
  readonly metric: string;
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** The metrics of a process at `/metrics`. */
export class Metrics {
  /** `counter`, `gauge` or `histogram`, by name. */
  readonly types: ReadonlyMap<string, string>;
  readonly #samples: readonly Sample[];

  /** @param text in Prometheus' text format */
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

  /** The series of a metric; empty for an unknown metric. */
  series(name: string): readonly Sample[] {
    return this.#samples.filter((each) => each.name === name);
  }

  /** Sum of all series with these labels; 0 if there are none. Throws for an unknown metric. */
  sum(name: string, labels: Labels = {}): number {
    if (!this.types.has(this.#metricOf(name))) throw new Error(`there is no metric ${name}`);
    const wanted = Object.entries(labels);
    return this.#samples
      .filter((each) => each.name === name && wanted.every(([key, value]) => each.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Labels of a metric's series without a histogram's own; undefined without series. */
  labelsOf(metric: string): string[] | undefined {
    const sample = this.#samples.find((each) => each.metric === metric);
    return sample && Object.keys(sample.labels).filter((label) => label !== 'le');
  }

  #metricOf(name: string): string {
    return this.types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
  }
}
