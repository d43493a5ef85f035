import { type Facts, groupText } from './facts.ts';
import { toText } from './json.ts';
import type { Leaderboard, RankedTrial } from './leaderboard.ts';
import type { Spec } from './spec.ts';

/** Rows on the page; leaderboard.csv holds all. */
const ROWS = 1000;

/** `report.html`: the sweep on one self-contained page, without scripts or anything from a network. */
export function renderReport(spec: Spec, leaderboard: Leaderboard, facts: Facts): string {
  const { counts, objective, sweepId } = leaderboard;
  const parameters = Object.keys(spec.search.space).sort();
  const [first] = leaderboard.trials;
  const best = first !== undefined && first.value !== null ? first : null;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(sweepId)} - Sweepstack</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(sweepId)}</h1>
<p>${counts.planned} trials: ${counts.succeeded} succeeded, ${counts.failed} failed. Ranked by ${escapeHtml(objective.metric)}, ${objective.goal}d.</p>
${best === null ? '<p>No trial succeeded.</p>' : winner(best, objective.metric)}
${facts.stopped === undefined ? '' : `<p>Ended early: ${escapeHtml(facts.stopped)}</p>`}
${importance(leaderboard)}
${failures(facts)}
<h2>Leaderboard</h2>
${leaderboard.trials.length > ROWS ? `<p>The first ${ROWS} of ${counts.planned} trials; leaderboard.csv holds all.</p>` : ''}
<div class="wide"><table>
<thead><tr><th scope="col">Rank</th><th scope="col">Trial</th><th scope="col">${escapeHtml(objective.metric)}</th><th scope="col">Epoch</th>${parameters.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}<th scope="col">Id</th></tr></thead>
<tbody>
${leaderboard.trials
  .slice(0, ROWS)
  .map((trial) => row(trial, parameters))
  .join('\n')}
</tbody></table></div>
<h2>Spec</h2>
<pre>${escapeHtml(JSON.stringify(spec, null, 2))}</pre>
</body>
</html>
`;
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.25rem .75rem;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);white-space:nowrap}
.wide{overflow-x:auto}.value{font-size:2rem;margin:0}pre{overflow-x:auto;padding:1rem;border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:.5rem}`;

function winner(best: RankedTrial, metric: string): string {
  const rows = Object.entries(best.parameters).map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(toText(value))}</td></tr>`,
  );
  return `<h2>Best trial</h2>
<p class="value">${valueText(best)}</p>
<p>${escapeHtml(metric)} of trial ${best.trial} (${best.id}), at epoch ${best.epoch} of ${best.epochs}</p>
<table><tbody>${rows.join('')}</tbody></table>`;
}

/** Of a trial that was confirmed the mean and spread over its new seeds. */
function valueText({ value, confirmed }: RankedTrial): string {
  if (confirmed === undefined) return number(value);
  const seeds = `${confirmed.seeds.length} ${confirmed.seeds.length === 1 ? 'seed' : 'seeds'}`;
  return `${number(confirmed.mean)} &plusmn; ${Number(confirmed.spread.toPrecision(2))} <small>over ${seeds}</small>`;
}

function importance({ importance: shares }: Leaderboard): string {
  if (shares === undefined) return '';
  const rows = Object.entries(shares).map(
    ([name, share]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${Math.round(100 * share)} %</td><td><meter value="${share}" aria-label="${escapeHtml(name)}"></meter></td></tr>`,
  );
  return `<h2>Importance</h2>
<p>Each parameter's part in the variation of the objective, by a model of these results.</p>
<table><tbody>${rows.join('')}</tbody></table>`;
}

function failures(facts: Facts): string {
  if (facts.failures.length === 0) return '';
  const items = facts.failures.map((group) => {
    const { remedy, example } = group;
    return `<li><strong>${escapeHtml(groupText(group))}</strong>: ${escapeHtml(example.reason)} (trial ${example.trial}); ${escapeHtml(remedy)}${example.logTail === '' ? '' : `<details><summary>The end of its log</summary><pre>${escapeHtml(example.logTail)}</pre></details>`}</li>`;
  });
  return `<h2>Failures</h2>\n<ul>${items.join('')}</ul>`;
}

function row(trial: RankedTrial, parameters: readonly string[]): string {
  const value =
    trial.value === null
      ? escapeHtml(trial.failureClass ?? 'failed')
      : `${number(trial.value)}${trial.diverged ? ' (diverged later)' : ''}${trial.stopped === undefined ? '' : ' (stopped early)'}`;
  const cells = parameters.map((name) =>
    trial.parameters[name] === undefined ? '' : escapeHtml(toText(trial.parameters[name])),
  );
  return `<tr>${[trial.rank ?? '', trial.trial, value, trial.epoch ?? '', ...cells, trial.id].map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

/** Six significant digits: more is noise in any metric of training. */
export function number(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(6)));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
