import { badInput, CorruptObject } from '../../core/base/errors.ts';
import { type Disagreement, type Verified, verify } from '../../core/search/asynchronous/verify.ts';
import { asynchronousSweepOf } from '../../objects/search.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { findSweep, type Where } from '../lookup/find.ts';
import type { Output } from '../terminal/output.ts';
import { plain } from '../terminal/text.ts';

/**
 * Makes every decision of an asynchronous search again, from what was known then, and reports those that differ.
 * The exit status: 0 all come out as recorded, 1 not all do, or some were made by other rules or rest on what is gone.
 */
export async function verifySweep(id: string | undefined, where: Where, output: Output): Promise<number> {
  const { store, sweepId } = await findSweep(id, where, output.note);
  const objects = sweepObjects(store, sweepId);
  const { spec, data, deployment } = await objects.definition.read();
  if (!spec.search.asynchronous)
    throw badInput(
      '',
      `the sweep ${sweepId} searches in rounds, whose trials are recomputed whenever it resumes; allowed: an asynchronous search (search.asynchronous: true)`,
    );
  if (deployment === null)
    throw new CorruptObject(`the spec.json of ${sweepId} names no profile; run or start the same spec again`);
  const warm = await objects.definition.warmStart(spec);
  const sweep = asynchronousSweepOf({ ...spec, sweepId }, data, deployment, warm?.observations ?? []);
  const verified = verify(sweep, await objects.search.decided(sweep));
  output.document({ sweepId, ...verified });
  output.text(verifiedText(sweepId, verified));
  return verified.disagreements.length + verified.missing.length + verified.byOtherRules === 0 ? 0 : 1;
}

/** What became of the decisions, and of those that could not be made again. */
export function verifiedText(sweepId: string, verified: Verified): string {
  const lost = fewLines(
    verified.lost.map(
      (what) => `The first claim of ${what} was lost and recreated, so what it was based on is unknown.`,
    ),
  );
  return [rulesText(sweepId, verified), ...lost].join('\n');
}

function rulesText(sweepId: string, verified: Verified): string {
  const { byOtherRules } = verified;
  if (byOtherRules === 0) return comparedText(sweepId, verified);
  const were = `${count(byOtherRules, 'decision')} of ${sweepId} ${byOtherRules === 1 ? 'was' : 'were'}`;
  const notCompared = `${were} made by another version of Sweepstack, whose search has other rules than this one's. Only that version can recompute them.`;
  const { proposals, promotions, disagreements, missing } = verified;
  const isAll = proposals + promotions + disagreements.length + missing.length === 0;
  return isAll ? notCompared : `${comparedText(sweepId, verified)}\n${notCompared}`;
}

function comparedText(sweepId: string, { proposals, promotions, disagreements, missing }: Verified): string {
  const all = `${count(proposals, 'proposal')} and ${count(promotions, 'promotion')} of ${sweepId}`;
  const gone = fewLines(missing.map((what) => `  ${what} was seen when trials were decided, and is gone or damaged`));
  const remedy =
    'Put back what is gone from a copy. To train what has no value again, run or start the same spec again.';
  if (disagreements.length === 0)
    return [
      `${all} were recomputed, and match the record${gone.length > 0 ? ', but some objects are missing:' : '.'}`,
      ...(gone.length > 0 ? [...gone, remedy] : []),
    ].join('\n');
  return [
    `${all} were recomputed; ${count(disagreements.length, 'decision')} ${disagreements.length === 1 ? 'differs' : 'differ'}:`,
    ...fewLines(disagreements.map(lineOf)),
    ...(gone.length > 0
      ? ['What they rest on is not all there:', ...gone, remedy]
      : [
          'Each should follow from the spec and from what had been seen: an object was changed, or the objective since.',
        ]),
  ].join('\n');
}

/** A sweep whose every decision comes out otherwise has one cause, and needs no 10,000 lines to say so. */
const MAX_LINES = 20;

function fewLines(lines: readonly string[]): string[] {
  const more = lines.length - MAX_LINES;
  return more <= 0 ? [...lines] : [...lines.slice(0, MAX_LINES), `  and ${more} more (--json has them all)`];
}

const lineOf = ({ what, recorded, recomputed }: Disagreement): string =>
  `  ${what}: recorded ${plain(recorded)}, worked out ${plain(recomputed)}`;

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
