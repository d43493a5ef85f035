import { number, readableText } from '../base/text.ts';
import { FORETOLD } from './foretold.ts';
import type { Lead, Trust } from './trust.ts';

export interface TrustLine {
  /** good: it supports the winner; doubt: it speaks against; unknown: nothing tells. */
  readonly verdict: 'good' | 'doubt' | 'unknown';
  readonly text: string;
}

const few = (value: number): string => number(Number(value.toPrecision(2)));

/**
 * The same in words, doubts first.
 * @param closed parameters at whose end constraints leave nothing beyond
 */
export function trustLines(trust: Trust, metric: string, closed: ReadonlySet<string> = new Set()): TrustLine[] {
  const { lead, ties, rising, edges, hidden, explained } = trust;
  const lines: TrustLine[] = [];
  const add = (verdict: TrustLine['verdict'], text: string) => lines.push({ verdict, text });
  if (lead !== null) add(...leadLine(lead, metric));
  if (ties !== null && ties > 0)
    add('doubt', `${ties} other ${ties === 1 ? 'trial is' : 'trials are'} as good within the noise.`);
  if (ties === 0 && lead?.isClear === true) add('good', 'No other trial is as good within the noise.');
  if (rising !== null && rising.count > 0)
    add('doubt', `${risingText(rising)} still improving at the last epoch: with more epochs the order may change.`);
  if (rising !== null && rising.count === 0) add('good', `The curves of the best ${rising.of} have levelled off.`);
  for (const { name, end, value } of edges) {
    const place = `Its ${name}, ${readableText(value)}, is at the ${end} end of the range`;
    if (closed.has(name)) add('unknown', `${place}, and search.constraints leave nothing beyond it.`);
    else add('doubt', `${place}: better values may lie beyond it.`);
  }
  if (hidden !== null)
    add(
      'doubt',
      `${hidden.failed} of ${hidden.trials} trials with ${hidden.where} failed: how good that region is remains unknown.`,
    );
  if (explained !== null && explained < FORETOLD)
    add(
      'doubt',
      `The model predicts only ${Math.round(100 * explained)} % of the variation, so what matters is uncertain.`,
    );
  const order = { doubt: 0, unknown: 1, good: 2 };
  return lines.sort((a, b) => order[a.verdict] - order[b.verdict]);
}

/** `3 of the best 5, the winner among them, were` */
function risingText({ count, of, winner }: NonNullable<Trust['rising']>): string {
  if (winner && count === 1) return of === 1 ? 'It was' : `Of the best ${of}, only the winner was`;
  if (count === of) return `All of the best ${of} were`;
  return `${count} of the best ${of}${winner ? ', the winner among them,' : ''} ${count === 1 ? 'was' : 'were'}`;
}

function leadLine({ by, noise, from, isClear }: Lead, metric: string): [TrustLine['verdict'], string] {
  const ahead = by === 0 ? 'It is no better than rank 2' : `It leads rank 2 by ${few(by)} in ${metric}`;
  if (noise === null)
    return [
      'unknown',
      `${ahead}. How much a trial varies from run to run is unknown: retrain the best with new seeds.`,
    ];
  const source =
    from === 'seeds' ? 'new seeds differ by' : 'runs of the same parameters differ, by the model, by about';
  const verdict = isClear === true ? 'more than chance would explain' : 'which may be chance';
  return [isClear === true ? 'good' : 'doubt', `${ahead}, ${verdict}: ${source} ${few(noise)}.`];
}
