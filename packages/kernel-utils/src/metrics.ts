/**
 * Numbers that tell how a program is doing, and their text in the exposition
 * format of Prometheus (0.0.4), which every collector of metrics reads.
 */

/** What a sample is about, like `{state: 'awake'}`. */
export type MetricLabels = Readonly<Record<string, string>>;

export type Metric = Readonly<{
  /** As the collector knows it, with its unit: `ocap_commit_seconds_total`. */
  name: string;
  /** A counter only grows while the process lives; a gauge goes up and down. */
  type: 'gauge' | 'counter';
  help: string;
  samples: readonly Readonly<{ labels?: MetricLabels; value: number }>[];
}>;

export const gauge = (name: string, help: string, value: number): Metric => ({
  name,
  type: 'gauge',
  help,
  samples: [{ value }],
});

export const counter = (name: string, help: string, value: number): Metric => ({
  ...gauge(name, help, value),
  type: 'counter',
});

/** A sample for each value, told apart by one label. */
export const samplesBy = (
  label: string,
  values: Iterable<readonly [string, number]>,
): Metric['samples'] =>
  [...values].map(([key, value]) => ({ labels: { [label]: key }, value }));

export const metricsText = (metrics: readonly Metric[]): string =>
  metrics
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ labels = {}, value }) => `${name}${labelsText(labels)} ${value}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join('');

const labelsText = (labels: MetricLabels): string => {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(value)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
