import { escapedForPattern } from '../spec/pattern-text.ts';
import { printedPattern } from '../spec/printed-pattern.ts';
import { numberGroup } from './common.ts';
import type { Draft } from './draft.ts';
import type { Entry } from './foreign.ts';
import { withGroups } from './pattern-groups.ts';

/** Where Katib puts what a collector reads, unless told otherwise: pkg/apis/controller/common/v1beta1/common_types.go. */
const DEFAULT_PATHS: Readonly<Record<string, string>> = {
  File: '/var/log/katib/metrics.log',
  TensorFlowEvent: '/var/log/katib/tfevent/',
};

/**
 * Where the metrics are read. The default filter is that of pkg/metricscollector/v1beta1/common/const.go: `name=value`.
 * @param additional the names of further metrics
 * @returns the path of the host that the program is expected to write to; null: none
 */
export function katibMetrics(draft: Draft, entry: Entry | undefined, additional: readonly string[]): string | null {
  const fields = entry?.map();
  const collector = fields?.take('collector')?.map();
  const kindAt = collector?.take('kind');
  const kind = kindAt?.string() ?? 'StdOut';
  const source = fields?.take('source')?.map();
  const file = source?.take('fileSystemPath')?.map();
  const filter = source?.take('filter')?.map();
  const formats = filter?.take('metricsFormat');
  const [path, format] = ['path', 'format', 'kind'].map((key) => file?.take(key));
  const metric = String(draft.get('objective', 'metric'));
  const given = kind === 'StdOut' ? null : (path?.string() ?? DEFAULT_PATHS[kind] ?? null);
  if (kind === 'StdOut' || (kind === 'File' && format?.string() !== 'JSON')) {
    draft.set(
      ['objective', 'pattern'],
      patterns(draft, metric, additional, formats),
      formats ?? kindAt ?? null,
      formats === undefined ? "Katib's default filter, name=value" : null,
    );
    if (kind === 'File')
      draft.remark(
        ['objective'],
        path ?? kindAt!,
        path?.text ?? kindAt!.text,
        `text files are not searched for a pattern; make the program print these lines too`,
      );
  } else if (given !== null && (kind === 'File' || kind === 'TensorFlowEvent')) {
    const own = given.replace(/^\/+/, '');
    draft.set(['objective', 'file'], kind === 'File' ? own : '**/events.out.tfevents.*', path ?? kindAt!);
    if (given.startsWith('/'))
      draft.remark(
        ['objective'],
        path ?? kindAt!,
        given,
        `is read in the program's own folder; make it write to ${own}`,
      );
  } else
    draft.remark(
      ['objective'],
      kindAt!,
      kindAt!.text,
      `${kind} has no counterpart; make the program append ${JSON.stringify({ [metric]: 0.5 })} to METRICS_FILE`,
    );
  draft.drop(
    ['objective'],
    [
      ...(filter?.rest() ?? []),
      ...(file?.rest() ?? []),
      ...(source?.rest() ?? []),
      ...(collector?.rest() ?? []),
      ...(fields?.rest() ?? []),
    ],
  );
  return given;
}

/** A pattern for each metric, of the first format that can be read. */
function patterns(
  draft: Draft,
  metric: string,
  additional: readonly string[],
  formats: Entry | undefined,
): string | string[] {
  const usable = (formats?.list() ?? []).filter((format) => {
    const made = filterPattern(format.string(), metric, true);
    const flaw = made === null ? 'does not have two groups, for the name and the value' : printedPattern(made, metric);
    if (typeof flaw === 'string') draft.drop(['objective'], [format], `${flaw}; name=value is read instead`);
    return typeof flaw !== 'string';
  });
  const sources = usable.length > 0 ? usable.map((format) => format.string()) : [null];
  const all = [metric, ...additional].flatMap((name) =>
    sources.map((source) =>
      source === null ? byDefault(name, name === metric) : filterPattern(source, name, name === metric)!,
    ),
  );
  return all.length === 1 ? all[0]! : all;
}

const byDefault = (name: string, isObjective: boolean): string =>
  `(?:^|[^\\w|-])${escapedForPattern(name)}\\s*=\\s*${numberGroup(name, isObjective)}`;

/** A filter's two groups, the name and the value, become the name and a number. Null: it has no two groups. */
const filterPattern = (source: string, name: string, isObjective: boolean): string | null =>
  withGroups(source, [escapedForPattern(name), numberGroup(name, isObjective)]);
