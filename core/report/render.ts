import { sha256 } from '../base/digest.ts';
import { number, readableText } from '../base/text.ts';
import { missedText } from '../sweep/counts-text.ts';
import { notRunIn } from '../trial/failure.ts';
import type { ComparisonData } from './comparison.ts';
import type { ReportData } from './data.ts';

/**
 * `report.html`: the sweep on one self-contained page. `page` is the page without a sweep, as tools/build.ts makes it of
 * report/; it names three places, which are filled in here with nothing that a browser could take for markup.
 */
export const renderReport = (page: string, data: ReportData): string =>
  filled(page, { title: data.sweepId, summary: summary(data), data });

/** The page of two or more sweeps, from the same page without a sweep. */
export const renderComparison = (page: string, data: ComparisonData): string =>
  filled(page, {
    title: data.sweeps.map(({ sweepId }) => sweepId).join(', '),
    summary: data.sweeps.map((sweep) => `<h2>${escapeHtml(sweep.sweepId)}</h2>${summary(sweep)}`).join(''),
    data,
  });

function filled(
  page: string,
  { title, summary, data }: { readonly title: string; readonly summary: string; readonly data: unknown },
): string {
  let rest = page;
  const pieces: string[] = [];
  for (const [place, text] of [
    ['{{title}}', escapeHtml(`${title} - Sweepstack`)],
    ['{{summary}}', summary],
    ['{{data}}', jsonForHtml(data)],
  ] as const) {
    const at = rest.indexOf(place);
    if (at === -1) throw new Error(`the report's page has no ${place}; rebuild it with npm run build`);
    pieces.push(rest.slice(0, at), text);
    rest = rest.slice(at + place.length);
  }
  return sealedPage([...pieces, rest].join(''));
}

const END = '</html>';
const SEAL = /<!-- checksum ([0-9a-f]{64}) -->\n<\/html>\n?$/;

/** With a checksum of all that comes before its end. */
function sealedPage(page: string): string {
  const end = page.lastIndexOf(END);
  if (end === -1) return page;
  return `${page.slice(0, end)}<!-- checksum ${sha256(page.slice(0, end))} -->\n${page.slice(end)}`;
}

/** Whether a page is as it was written. Pages of earlier releases have no checksum, but an end. */
export function isWholePage(page: string): boolean {
  const seal = SEAL.exec(page);
  return seal === null ? page.trimEnd().endsWith(END) : sha256(page.slice(0, seal.index)) === seal[1];
}

/** JSON that stays inside its script element, and inside a line, whatever the strings in it hold. */
export function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What a browser without scripts shows. */
function summary({ counts, failures, best, stopped }: ReportData): string {
  const lines = [
    `${counts.planned} trials: ${counts.succeeded} succeeded, ${missedText({ ...counts, notRun: notRunIn(failures) })}.`,
  ];
  if (best === null) lines.push('No trial succeeded.');
  else {
    const parameters = Object.entries(best.parameters).map(([name, value]) => `${name}=${readableText(value)}`);
    lines.push(
      `Best ${best.metric}: ${number(best.value)} by trial ${best.trial} (${best.trialId}): ${parameters.join(', ')}.`,
    );
  }
  if (stopped !== null) lines.push(`Ended early: ${stopped}.`);
  return lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
