import type { Problem } from '../base/errors.ts';
import { show } from '../base/text.ts';
import { goalOf } from './goal.ts';
import type { AddProblem } from './problems.ts';
import type { ParsedSpec } from './spec.ts';

/**
 * Several objectives are written as a list. Within a spec the first one is `objective`, since it decides who wins, and the
 * others are its `others`.
 */

type Document = Readonly<Record<string, unknown>>;

/** The document with a list of objectives as one with others; anything else as it is. */
export function withOthers(input: Document): Document {
  const { objective } = input;
  if (!Array.isArray(objective)) return input;
  const [first, ...others] = objective as unknown[];
  if (first === null || typeof first !== 'object' || Array.isArray(first)) return input;
  return { ...input, objective: others.length === 0 ? first : { ...first, others } };
}

/** A problem as it is said of a document whose objectives are a list. */
export const listedProblem = ({ field, message }: Problem): Problem => ({
  field: asListed(field),
  message: message.replace('it belongs under objective', 'it belongs to the first objective'),
});

/** The field as it stands in a document whose objectives are a list. */
const asListed = (field: string): string =>
  field
    .replace(/^objective\.others\[(\d+)\]/, (_, index) => `objective[${Number(index) + 1}]`)
    .replace(/^objective(?=\.)/, 'objective[0]');

export function checkOthers({ metric, others = [] }: ParsedSpec['objective'], addProblem: AddProblem): void {
  const known = new Set([metric]);
  others.forEach((other, index) => {
    const field = `objective.others[${index}]`;
    if (other.metric === 'epoch')
      addProblem(`${field}.metric`, 'received "epoch", which only numbers the metrics lines; name a metric');
    else if (known.has(other.metric))
      addProblem(
        `${field}.metric`,
        `received ${show(other.metric)}, which is an objective already; remove one of them`,
      );
    else if (other.goal === undefined && goalOf(other.metric) === null)
      addProblem(
        `${field}.goal`,
        `is missing, and the name ${show(other.metric)} does not say which values are better; add goal: maximize or goal: minimize`,
      );
    known.add(other.metric);
  });
}
