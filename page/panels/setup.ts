import { notationOf } from '../../core/base/notation.ts';
import { toText } from '../../core/base/text.ts';
import { choicesOf, conditionsOf } from '../../core/space/choices.ts';
import type { ParameterSpec, Range } from '../../core/space/parameter.ts';
import { previewOf } from '../../core/spec/preview.ts';
import { shellQuoted } from '../../core/spec/shell-script.ts';
import { breakable, command, h } from '../dom.ts';
import { inPage, shorten } from '../format.ts';
import { panel, terms } from '../panel.ts';
import { choiceTexts, type Sweep } from '../sweep.ts';
import { parametersOf } from './copies.ts';
import { provenance } from './provenance.ts';

/** How trials were trained, and what was searched: what a colleague needs who has this page alone. */
export function setup(sweep: Sweep): HTMLElement {
  const { spec, sweepId } = sweep.data;
  const { training, search } = spec;
  const trial = sweep.winner ?? sweep.trials[0];
  const preview =
    trial === undefined
      ? null
      : previewOf(spec, sweepId, { ...trial, parameters: parametersOf(sweep, trial) }, training.data ?? null);
  const environment = Object.entries(training.environment).map(([name, value]): [string, string] => [
    name,
    typeof value === 'object' ? `the secret ${value.secret}` : shorten(toText(value), 200),
  ]);
  return panel(
    'setup',
    'How it was trained',
    null,
    h('h3', {}, preview === null ? 'Program' : `Command of trial ${trial!.number}`),
    preview === null
      ? h('p', {}, 'The built-in trainer.')
      : command(shorten(preview.command.map(shellQuoted).join(' '), 4000)),
    terms(
      [
        ['Epochs', String(training.epochs)],
        ['Seed', String(training.seed)],
        ...(training.workdir === undefined ? [] : [['Starts in', shorten(training.workdir, 100)] as [string, string]]),
        ...(training.data === undefined ? [] : [['Data', shorten(training.data, 200)] as [string, string]]),
        ...(training.source === undefined ? [] : [['Source', shorten(training.source, 100)] as [string, string]]),
        ...(training.requirements === undefined
          ? []
          : [['Packages', shorten(training.requirements, 100)] as [string, string]]),
        ...environment,
      ].map(([term, value]) => [term!, h('bdi', {}, value!)] as const),
      'parameters',
    ),
    ...provenance(sweep.data),
    h('h3', {}, 'Search space'),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Search space' },
      h(
        'table',
        { class: 'space' },
        h(
          'thead',
          {},
          h('tr', {}, ...['Parameter', 'Values', 'Active when'].map((text) => h('th', { scope: 'col' }, text))),
        ),
        h(
          'tbody',
          {},
          ...Object.entries(search.space).map(([name, parameter]) =>
            h(
              'tr',
              {},
              h('td', {}, breakable(shorten(name, 60))),
              h('td', {}, h('bdi', {}, valuesText(parameter))),
              h('td', {}, h('bdi', {}, shorten(conditionText(parameter), 200))),
            ),
          ),
        ),
      ),
    ),
  );
}

function valuesText(parameter: ParameterSpec): string {
  const choices = choicesOf(parameter);
  if (choices !== null)
    return shorten(
      choiceTexts(choices)
        .map((choice) => shorten(choice, 60))
        .join(', '),
      2000,
    );
  const { min, max, scale, step, type } = parameter as Range;
  const number = inPage(notationOf([min, max], scale));
  return [
    `${number(min)} to ${number(max)}`,
    ...(scale === 'log' ? ['log scale'] : []),
    ...(step === undefined ? [] : [`steps of ${number(step)}`]),
    ...(type === 'integer' ? ['whole numbers'] : []),
  ].join(', ');
}

const conditionText = (parameter: ParameterSpec): string =>
  Object.entries(conditionsOf(parameter))
    .map(([name, wanted]) => `${name} is ${(Array.isArray(wanted) ? wanted : [wanted]).map(toText).join(' or ')}`)
    .join(', ');
