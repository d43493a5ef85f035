import type { View } from './view.ts';

const TRIAL = /^#trial=(\d+)$/;

/** Opens the trial that the page's address names, `#trial=12`, and keeps the address to the trial that is open. */
export function followAddress(view: View): void {
  const open = () => {
    const number = TRIAL.exec(location.hash)?.[1];
    const trial = number === undefined ? undefined : view.sweep.byNumber.get(Number(number));
    if (trial !== undefined && trial !== view.opened) view.open(trial);
  };
  view.listen((change) => {
    if (change !== 'open') return;
    const wanted = view.opened === null ? '' : `#trial=${view.opened.number}`;
    if (view.opened === null && !TRIAL.test(location.hash)) return;
    // Without an entry of its own in the history: Back leaves the page, as one expects.
    history.replaceState(null, '', `${location.pathname}${location.search}${wanted}`);
  });
  window.addEventListener('hashchange', open);
  open();
}

/** The report of a running sweep is rewritten every minute. */
const RELOAD_MS = 60_000;

/** Loads a running sweep's page again, unless its reader is in the middle of something. */
export function reloadWhileRunning(view: View): void {
  if (view.sweep.data.status !== 'running') return;
  setInterval(() => {
    if (!document.hidden && view.opened === null && !view.isFiltered) location.reload();
  }, RELOAD_MS);
}
