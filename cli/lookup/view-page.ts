import { number, readableText } from '../../core/base/text.ts';
import { missedText } from '../../core/sweep/run-metadata.ts';
import { notRunIn } from '../../core/trial/failure.ts';
import type { SweepState } from './state.ts';

export type ViewedSweep = Pick<SweepState, 'sweepId' | 'status' | 'trials' | 'failures' | 'best' | 'problem'>;

/** The list of sweeps as a page; it loads itself again while one of them runs. */
export function viewPage(sweeps: readonly ViewedSweep[]): string {
  const rows = sweeps.map(rowOf).join('');
  const runs = sweeps.some(({ status }) => status === 'running');
  const table =
    rows === ''
      ? '<p>There are no sweeps here yet; start one with sweep run SPEC.</p>'
      : `<table><thead><tr><th>Sweep</th><th>Status</th><th>Trials</th><th>Best</th><th>Parameters</th></tr></thead><tbody>${rows}</tbody></table>`;
  return page('Sweeps', `<h1>Sweeps</h1>${table}`, runs ? RELOAD_SECONDS : null);
}

/** In place of the report of a sweep that has no trials yet. */
export const waitingPage = (sweepId: string): string =>
  page(sweepId, `<h1>${escaped(sweepId)}</h1><p>It has no trials yet.</p><p><a href="/">All sweeps</a></p>`, 5);

export const missingPage = (): string => page('Not found', '<h1>Not found</h1><p><a href="/">All sweeps</a></p>', null);

const RELOAD_SECONDS = 10;

function rowOf({ sweepId, status, trials, failures, best, problem }: ViewedSweep): string {
  const failed = trials.failed === 0 ? '' : `, ${missedText({ ...trials, notRun: notRunIn(failures) })}`;
  const parameters = Object.entries(best?.parameters ?? {})
    .map(([name, value]) => `${name}=${readableText(value)}`)
    .join(', ');
  const cells = [
    status,
    `${trials.finished} of ${trials.planned}${failed}`,
    best === null ? (problem ?? '') : `${best.metric} ${number(best.value)}`,
    parameters.length > MAX_PARAMETERS ? `${parameters.slice(0, MAX_PARAMETERS)}...` : parameters,
  ];
  const link = `<a href="/sweeps/${encodeURIComponent(sweepId)}">${escaped(sweepId)}</a>`;
  return `<tr><td>${link}</td>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
}

/** Characters. */
const MAX_PARAMETERS = 120;

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.55 system-ui,sans-serif;margin:32px auto;max-width:1200px;padding:0 16px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:8px 16px 8px 0;border-bottom:1px solid #8884;overflow-wrap:anywhere}th{font-size:13px}`;

const page = (title: string, body: string, seconds: number | null): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${
    seconds === null ? '' : `<meta http-equiv="refresh" content="${seconds}">`
  }<title>${escaped(title)} - Sweepstack</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body><main>${body}</main></body></html>\n`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
