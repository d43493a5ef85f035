import type { Json } from '../../core/base/json.ts';
import { optionOf } from './configuration.ts';
import type { Module } from './module.ts';
import { type Interface, type Option, placeIn } from './option.ts';
import { type Call, type Constants, callsIn, keywordOf, literalOf, positionalOf, type Token } from './python.ts';
import { roleOf } from './roles.ts';

/** Programs that search by themselves, with Optuna, Ray Tune, Keras Tuner or hyperopt: their search spaces. */

/** How one of them asks for a value. */
interface Asked {
  readonly name: string;
  /** The function: `suggest_float`, `loguniform`. */
  readonly kind: string;
  readonly call: Call;
  readonly at: number;
}

interface Searcher {
  readonly kind: string;
  readonly asks: (module: Module) => Asked[];
  readonly once: string;
}

/** Those whose calls have the name as their first argument. */
const byCall =
  (callee: RegExp) =>
  (module: Module): Asked[] =>
    module.calls.flatMap((call) => {
      const kind = callee.exec(call.callee)?.[1];
      const name = literalOf(positionalOf(call)[0] ?? keywordOf(call, 'name') ?? keywordOf(call, 'label'));
      return kind === undefined || typeof name !== 'string' ? [] : [{ name, kind, call, at: 1 }];
    });

/** Ray's stand in a dictionary: `"lr": tune.loguniform(1e-4, 0.1)`, `lr=tune.choice([1, 2])` */
function ofRay(module: Module): Asked[] {
  return module.statements.flatMap(({ tokens }) =>
    tokens.flatMap(({ text }, index) => {
      const [key, mark] = tokens.slice(Math.max(0, index - 2), index);
      const isNamed = (mark?.text === ':' && key?.kind === 'string') || (mark?.text === '=' && key?.kind === 'name');
      const [call] = text === 'tune' && tokens[index + 1]?.text === '.' ? callsIn(tokens.slice(index)) : [];
      const kind = /^tune\.(q?(?:log)?(?:uniform|randint)|choice|grid_search)$/.exec(call?.callee ?? '')?.[1];
      return isNamed && call !== undefined && kind !== undefined ? [{ name: key!.text, kind, call, at: 0 }] : [];
    }),
  );
}

const SEARCHERS: readonly Searcher[] = [
  {
    kind: 'Optuna',
    asks: byCall(/\.suggest_(float|int|categorical|uniform|loguniform|discrete_uniform)$/),
    once: 'to call the objective once',
  },
  { kind: 'Ray Tune', asks: ofRay, once: 'to train once' },
  { kind: 'Keras Tuner', asks: byCall(/(?:^|\.)hp\.(Int|Float|Choice|Boolean)$/), once: 'to train once' },
  { kind: 'hyperopt', asks: byCall(/(?:^|\.)hp\.(q?(?:log)?uniform|randint|choice)$/), once: 'to train once' },
];

/** The program asks for values itself, so a line of it changes for each. */
export function searcherInterface(modules: readonly Module[]): Interface | null {
  for (const { kind, asks, once } of SEARCHERS) {
    const options = modules.flatMap((module) =>
      asks(module).flatMap((asked) => (/^[A-Za-z_][\w.-]*$/.test(asked.name) ? [optionFor(module, asked)] : [])),
    );
    if (options.length === 0) continue;
    const first = options.find((option) => roleOf(option) === 'parameter') ?? options[0]!;
    const cast = { float: 'float', integer: 'int' }[first.type as 'float' | 'integer'];
    const read = `os.environ["${first.name.toUpperCase().replaceAll(/[.-]/g, '_')}"]`;
    return {
      kind,
      form: null,
      words: [],
      options,
      notes: [],
      toDo: [
        `The program asks ${kind} for its values. Change it to read them instead, in ${first.place} ${cast === undefined ? read : `${cast}(${read})`}, and ${once}.`,
      ],
    };
  }
  return null;
}

function optionFor(module: Module, { name, kind, call, at }: Asked): Option {
  const base = optionOf(name, 'variable', undefined, undefined, placeIn(module, call.line));
  const given = positionalOf(call);
  const value = (index: number, ...keywords: readonly string[]) =>
    numberIn(
      keywords.map((each) => keywordOf(call, each)).find((each) => each !== undefined) ?? given[at + index],
      module.constants,
    );
  if (kind === 'Boolean') return { ...base, type: 'boolean', choices: [true, false] };
  if (/^(categorical|Choice|choice|grid_search)$/.test(kind)) {
    const choices = value(0, 'choices', 'values', 'categories', 'options');
    return { ...base, type: typeOfChoices(choices), choices: Array.isArray(choices) ? choices : null };
  }
  const isWhole = /int/i.test(kind);
  const type = isWhole || (/^q/.test(kind) && value(2, 'q') === 1) ? 'integer' : 'float';
  // Of hyperopt, whose bounds of a logarithm are logarithms themselves.
  const isOfLogs =
    at === 1 &&
    /^q?loguniform$/.test(kind) &&
    (kind === 'qloguniform' ||
      given.some((tokens) => tokens.some(({ text }) => text === 'log') || Number(literalOf(tokens)) < 0));
  const bounds = [value(0, 'low', 'lower', 'min_value'), value(1, 'high', 'upper', 'max_value')];
  const [min, max] = bounds.map((bound) => (isOfLogs && typeof bound === 'number' ? powerOfE(bound, type) : bound));
  const step = value(2, 'step', 'q');
  const log =
    /log/.test(kind) || literalOf(keywordOf(call, 'log')) === true || literalOf(keywordOf(call, 'sampling')) === 'log';
  if (typeof min !== 'number' || typeof max !== 'number' || min >= max || (log && min <= 0)) return { ...base, type };
  // Of numpy's kind, the last one is not among them; of Ray's with steps, it is.
  const last = /^(log)?randint$/.test(kind) ? max - 1 : max;
  const isStepped = typeof step === 'number' && !log && !(type === 'integer' && step === 1);
  return { ...base, type, range: { min, max: last, log, ...(isStepped ? { step } : {}) } };
}

const powerOfE = (bound: number, type: Option['type']): number =>
  type === 'integer' ? Math.round(Math.exp(bound)) : Number(Math.exp(bound).toPrecision(6));

function typeOfChoices(choices: Json | undefined): Option['type'] {
  if (!Array.isArray(choices) || !choices.every((each) => typeof each === 'number')) return 'text';
  return choices.every(Number.isInteger) ? 'integer' : 'float';
}

/** A literal, or the logarithm of one. */
function numberIn(tokens: readonly Token[] | undefined, constants: Constants): Json | undefined {
  const [call] = tokens?.some(({ text }) => text === 'log') ? callsIn(tokens) : [];
  if (call === undefined) return literalOf(tokens, constants);
  const inner = literalOf(positionalOf(call)[0], constants);
  return typeof inner === 'number' ? Math.log(inner) : undefined;
}
