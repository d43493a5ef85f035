import { programText } from '../space/program-text.ts';
import type { Parameters } from '../space/space.ts';
import { fillCommand } from './command.ts';
import { contractValues } from './contract-values.ts';
import { type Filling, fillFile, fillText } from './placeholders.ts';
import type { Spec } from './spec.ts';

/** How a trial's program will be started. `...` begins a path that each attempt gets anew. */
export interface Preview {
  readonly command: readonly string[];
  /** The folder inside the source; null: the source itself. */
  readonly workdir: string | null;
  /** Contents by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Targets by path. */
  readonly links: Readonly<Record<string, string>>;
}

/** What one trial's program gets; null for the built-in trainer. `data`: the folder of the data, where it is known. */
export function previewOf(
  { training, search }: Spec,
  sweepId: string,
  trial: { readonly id: string; readonly epochs: number; readonly parameters: Parameters },
  data: string | null,
): Preview | null {
  if (training.command === undefined) return null;
  const places = { checkpoint: '.../checkpoint', model: '.../model', metrics: '.../metrics.jsonl' };
  const filling: Filling = {
    parameters: trial.parameters,
    contract: contractValues(training, trial, sweepId, { ...places, data }),
    argsFolder: '...',
    write: programText(search.space),
  };
  const filled = <T>(entries: Readonly<Record<string, T>> = {}, fill: (value: T) => string) =>
    Object.fromEntries(Object.entries(entries).map(([path, value]) => [path, fill(value)]));
  return {
    command: fillCommand(training.command, filling),
    workdir: training.workdir ?? null,
    files: filled(training.files, (content) => fillFile(content, filling)),
    links: filled(training.links, (target) => fillText(target, filling)),
  };
}
