import type { TrustLine } from '../../core/report/trust-text.ts';
import { command, h } from '../dom.ts';
import { shorten } from '../format.ts';
import { panel } from '../panel.ts';
import type { Sweep } from '../sweep.ts';

const WORDS = { doubt: 'Doubt', unknown: 'Not known', good: 'Good' } as const satisfies Record<
  TrustLine['verdict'],
  string
>;

/** Whether the winner can be believed: what speaks against it first. */
export function trust({ data }: Sweep): HTMLElement | null {
  const { trust: lines } = data;
  if (lines.length === 0) return null;
  return panel(
    'trust',
    'Can it be trusted?',
    null,
    h(
      'ul',
      { class: 'verdicts' },
      ...lines.map(({ verdict, text }) =>
        h('li', { class: verdict }, h('b', {}, WORDS[verdict]), h('span', {}, h('bdi', {}, shorten(text, 400)))),
      ),
    ),
  );
}

/** What to try next, and the command that writes it as a spec. */
export function next({ data, ranked }: Sweep): HTMLElement | null {
  if (ranked.length < 2 || data.status === 'running') return null;
  const { next: steps, sweepId } = data;
  if (steps.length === 0)
    return panel(
      'next',
      'What to try next',
      null,
      h('p', { class: 'steps' }, 'Nothing in these results suggests another sweep of this space.'),
    );
  return panel(
    'next',
    'What to try next',
    'In a new sweep, which tries this winner first.',
    h('ul', { class: 'steps' }, ...steps.map((step) => h('li', {}, h('bdi', {}, shorten(step, 300))))),
    h('p', { class: 'lead' }, 'This writes a spec with these changes:'),
    command(`sweep next ${sweepId}`),
  );
}
