import { number, readableText } from '../../core/base/text.ts';
import { missedText } from '../../core/sweep/counts-text.ts';
import { groupText } from '../../core/sweep/run-metadata.ts';
import { notRunIn } from '../../core/trial/failure.ts';
import type { SweepState } from './state.ts';

export type ViewedSweep = Pick<SweepState, 'sweepId' | 'status' | 'trials' | 'failures' | 'best' | 'problem'>;

const HEADS = ['Sweep', 'Status', 'Trials', 'Best', 'Its parameters'] as const;

/** The list of sweeps as a page; it loads itself again while one of them runs. */
export function viewPage(sweeps: readonly ViewedSweep[]): string {
  const rows = sweeps.map(rowOf).join('');
  const runs = sweeps.some(({ status }) => status === 'running');
  const table =
    rows === ''
      ? '<p>There are no sweeps here yet; start one with sweep run SPEC.</p>'
      : `<table><thead><tr>${HEADS.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows}</tbody></table>`;
  return page('Sweeps', `<h1>Sweeps</h1>${table}`, runs ? RELOAD_SECONDS : null);
}

/** In place of the report of a sweep that has no trials yet. */
export const waitingPage = (sweepId: string): string =>
  page(
    sweepId,
    `<h1>${escaped(sweepId)}</h1><p>It has no trials yet.</p><p><a href="/">All sweeps</a></p>`,
    RELOAD_SECONDS,
  );

export const missingPage = (): string => page('Not found', '<h1>Not found</h1><p><a href="/">All sweeps</a></p>', null);

const RELOAD_SECONDS = 10;

function rowOf({ sweepId, status, trials, failures, best, problem }: ViewedSweep): string {
  const failed = trials.failed === 0 ? '' : `, ${missedText({ ...trials, notRun: notRunIn(failures) })}`;
  const parameters = Object.entries(best?.parameters ?? {})
    .map(([name, value]) => `${name}=${readableText(value)}`)
    .join(', ');
  const [first] = failures;
  const why = problem ?? (first === undefined ? '' : groupText(first));
  const cells: Cell[] = [
    ['Sweep', `<a href="/sweeps/${encodeURIComponent(sweepId)}">${breakable(sweepId)}</a>`],
    ['Status', `<b class="${status}">${status}</b>`],
    ['Trials', escaped(`${trials.finished} of ${trials.planned}${failed}`)],
    best === null ? ['Why', escaped(why)] : ['Best', `${breakable(best.metric)} <b>${escaped(number(best.value))}</b>`],
    ['Its parameters', escaped(shorten(parameters))],
  ];
  return `<tr>${cells.map(cellOf).join('')}</tr>`;
}

type Cell = readonly [head: string, html: string];

const cellOf = ([head, html]: Cell): string =>
  html === ''
    ? '<td class="none"></td>'
    : `<td data-head="${head}"${head === 'Why' ? ' class="why"' : ''}>${html}</td>`;

const shorten = (text: string): string => (text.length > MAX_PARAMETERS ? `${text.slice(0, MAX_PARAMETERS)}...` : text);

/** Characters. */
const MAX_PARAMETERS = 120;

/** Colours as in the report. On a narrow screen a sweep is a block of lines, each with its head. */
const STYLE = `:root{color-scheme:light dark;--page:#f6f7f8;--text:#1c2126;--soft:#56616c;--line:#d9dfe4;--link:#0b5394;--bad:#9a1739;--good:#1c6b47}
@media(prefers-color-scheme:dark){:root{--page:#14171a;--text:#e6eaee;--soft:#a3aeb9;--line:#363d44;--link:#8cc4ff;--bad:#ff94a6;--good:#7fd8ae}}
body{font:15px/1.55 system-ui,sans-serif;font-variant-numeric:tabular-nums;margin:32px auto;max-width:1200px;padding:0 16px;background:var(--page);color:var(--text)}
a{color:var(--link)}h1{font-size:30px;line-height:1.2;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:8px 20px 8px 0;border-bottom:1px solid var(--line)}th{font-size:13px;color:var(--soft)}
td{min-width:72px;overflow-wrap:break-word}td:nth-child(3){min-width:110px}td:nth-child(5){overflow-wrap:anywhere}.succeeded{color:var(--good)}.failed,.damaged{color:var(--bad)}.why{color:var(--soft)}
@media(max-width:700px){table,tbody,tr,td{display:block}thead,.none{display:none}tr{padding:12px 0;border-bottom:1px solid var(--line)}
td{border:0;padding:2px 0;overflow-wrap:anywhere}td:first-child{font-size:17px}td:nth-child(n+3)::before{content:attr(data-head) " ";color:var(--soft);font-size:13px}}`;

const page = (title: string, body: string, seconds: number | null): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${
    // Not by the page's head, which would reload it under somebody who reads in another window.
    seconds === null ? '' : `<script>setInterval(()=>document.hidden||location.reload(),${1000 * seconds})</script>`
  }<title>${escaped(title)} - Sweepstack</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body><main>${body}</main></body></html>\n`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A name whose lines may break behind its dots, dashes, slashes and underscores. */
const breakable = (name: string): string =>
  name
    .split(/(?<=[_./-])/)
    .map(escaped)
    .join('<wbr>');
