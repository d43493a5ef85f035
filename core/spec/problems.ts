import type * as z from 'zod';
import type { Problem } from '../base/errors.ts';
import { didYouMean, nearest, show } from '../base/text.ts';
import { secretIn } from './secrets.ts';
import { quotesFor, unquotedPlaceholder } from './unquoted.ts';

/**
 * Turns zod's issues into sentences that name the field, what was received, what is allowed and what to do.
 * `input` is the document that was parsed, `knownKeys` what it may hold where.
 */
export function problemsOf(error: z.ZodError, input: unknown, knownKeys: KnownKeys = {}): Problem[] {
  return error.issues.flatMap((issue) => fromIssue(issue, [], input, knownKeys));
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

function fromIssue(issue: Issue, base: Path, input: unknown, knownKeys: KnownKeys): Problem[] {
  const path = [...base, ...issue.path];
  const field = fieldName(named(path));
  const received = valueAt(input, path);
  if (issue.code === 'invalid_union') {
    return closestMember(issue.errors, path, received).flatMap((member) => fromIssue(member, path, input, knownKeys));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: fieldName([...path, key]), message: unknownKey(key, path, knownKeys) }));
  }
  if (issue.code === 'invalid_key') {
    const key = String(named(path).at(-1));
    return [
      {
        field,
        message: `${show(key)} is not a valid name; use letters, digits${path.includes('space') ? ', _, . and -' : ' and _'}, and do not begin with a digit`,
      },
    ];
  }
  return [{ field, message: sentence(issue, path, received) }];
}

/** Values of variables are not shown: what is written in place of a secret may be the secret. */
const isInEnvironment = ([first, second]: Path): boolean => first === 'training' && second === 'environment';

/** A value as a message may show it. */
function shown(path: Path, value: unknown): string {
  if (isInEnvironment(path)) return kindOf(value);
  if (value === null || typeof value !== 'object') return show(value);
  const hidden = (key: string, item: unknown) =>
    key === 'environment' || (typeof item === 'string' && secretIn(key, item) !== null) ? '...' : item;
  return show(JSON.parse(JSON.stringify(value, hidden)));
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

/** A variable written as `NAME=value` stands there by its name alone. */
function named(path: Path): Path {
  const variable = path[2];
  if (!isInEnvironment(path) || typeof variable !== 'string' || !variable.includes('=')) return path;
  return path.with(2, `${variable.slice(0, variable.indexOf('='))}=...`);
}

/** Of a union's members, the one the value was meant for: the one whose complaints lie deepest, then the fewest. */
function closestMember(members: readonly (readonly Issue[])[], path: Path, received: unknown): readonly Issue[] {
  const rank = (issues: readonly Issue[]) => (issues.some(isOtherType) ? 1000 : issues.length);
  const best = [...members].sort((a, b) => rank(a) - rank(b))[0] ?? [];
  if (rank(best) < 1000) return best;
  const allowed = isOfSpace(path) ? SPACE_VALUES : [...new Set(members.flatMap(typesExpected))].join(' or ');
  const message = `received ${shown(path, received)}; allowed: ${allowed}${placeholderHint(received)}`;
  return [{ code: 'custom', path: [], message, input: received }];
}

const isOfSpace = (path: Path): boolean => path.length === 3 && path[0] === 'search' && path[1] === 'space';
const SPACE_VALUES = 'a list of choices, such as [1, 2], or a range, such as { min: 1, max: 5 }';

function placeholderHint(received: unknown): string {
  const name = unquotedPlaceholder(received);
  return name === null ? '' : `; ${quotesFor(name)}`;
}

/** Whether the value is none of the types that were expected, one union within another included. */
function isOtherType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((member) => member.some(isOtherType));
  return issue.code === 'invalid_type';
}

function typesExpected(issues: readonly Issue[]): string[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'invalid_union') return issue.errors.flatMap(typesExpected);
    return issue.code === 'invalid_type' ? [typeName(issue.expected)] : [];
  });
}

/** Keys that people know from other tools or older habits, and what is meant here. */
const SYNONYMS: Record<string, string> = {
  lr: 'learning_rate',
  low: 'min',
  high: 'max',
  minimum: 'min',
  maximum: 'max',
  values: 'a plain list: name: [a, b]',
  distribution: 'scale: log',
  log: 'scale: log',
  direction: 'objective.goal',
  parameters: 'search.space',
  method: 'search.strategy',
  algorithm: 'search.strategy',
  n_trials: 'search.trials',
  budget: 'training.epochs',
  image: 'compute.profile',
  timeout: 'compute.timeoutMinutes',
  retries: 'compute.attempts',
};

/** Values that people know from other tools or papers, and what is meant here. */
const VALUE_SYNONYMS: Readonly<Record<string, string>> = {
  hyperband: 'halving',
  asha: 'halving',
  sha: 'halving',
  bohb: 'halving',
  tpe: 'bayesian',
  gp: 'bayesian',
  bo: 'bayesian',
  gridsearch: 'grid',
  randomsearch: 'random',
  qmc: 'sobol',
  up: 'maximize',
  higher: 'maximize',
  down: 'minimize',
  lower: 'minimize',
  loguniform: 'log',
  uniform: 'linear',
  int: 'integer',
  double: 'float',
};

function valueMeant(received: string, allowed: readonly string[]): string {
  const meant = VALUE_SYNONYMS[received.toLowerCase().replaceAll(/[^a-z]/g, '')];
  return meant !== undefined && allowed.includes(meant) ? `; did you mean ${meant}?` : didYouMean(received, allowed);
}

/** The keys allowed at each place of the document, read off its JSON Schema; a record's or list's values are at `place.*`. */
export type KnownKeys = Readonly<Record<string, readonly string[]>>;

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode | boolean;
  anyOf?: SchemaNode[];
}

export function knownKeysOf(schema: SchemaNode, place = ''): KnownKeys {
  const found: Record<string, string[]> = {};
  const visit = (node: SchemaNode, at: string) => {
    for (const member of node.anyOf ?? []) visit(member, at);
    if (node.properties !== undefined)
      found[at] = [...new Set([...(found[at] ?? []), ...Object.keys(node.properties)])];
    for (const [key, child] of Object.entries(node.properties ?? {})) visit(child, at === '' ? key : `${at}.${key}`);
    if (typeof node.additionalProperties === 'object') visit(node.additionalProperties, `${at}.*`);
    if (typeof node.items === 'object') visit(node.items, `${at}.*`);
  };
  visit(schema, place);
  return found;
}

/** What to do about a key in a place that only looks like its own, by field. */
const HINTS: Readonly<Record<string, string>> = {
  'objective.limit':
    'the first objective decides who wins, and a limit belongs to a further one: [{ metric: ... }, { metric: ..., limit: ... }]',
};

function unknownKey(key: string, path: Path, knownKeys: KnownKeys): string {
  const exact = fieldName(path);
  const place = exact in knownKeys ? exact : `${fieldName(path.slice(0, -1))}.*`;
  const known = knownKeys[place] ?? [];
  const near = nearest(key, known);
  const elsewhere = Object.entries(knownKeys).find(
    ([where, keys]) => where !== place && !where.includes('*') && keys.includes(key),
  );
  let hint = 'remove it';
  const own = HINTS[fieldName([...path, key])];
  if (own !== undefined) hint = own;
  else if (near !== undefined) hint = `did you mean ${near}?`;
  else if (elsewhere !== undefined)
    hint = elsewhere[0] === '' ? `${key} belongs at the top level` : `it belongs under ${elsewhere[0]}`;
  // Of `trials: 1,000` in braces.
  else if (/^[0-9]{3}$/.test(key)) hint = 'write a number without commas, such as 1000';
  else if (SYNONYMS[key] !== undefined) hint = `did you mean ${SYNONYMS[key]}?`;
  return `unknown key; allowed: ${known.join(', ') || 'nothing'}; ${hint}`;
}

/** How to have no limit, for people who write one that cannot be. */
const LIMIT_HINTS: Readonly<Record<string, string>> = {
  'budget.dollars': '; leave it out for no limit',
  'budget.hours': '; leave it out for no limit',
  'budget.deadline': '; leave it out for no deadline',
  'budget.askAbove': '; 0 always asks, and without it sweep start asks above $20',
};

function sentence(issue: Issue, path: Path, received: unknown): string {
  const got = received === undefined ? 'is missing' : `received ${shown(path, received)}`;
  const more = LIMIT_HINTS[fieldName(path)] ?? '';
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'int') return `${got}; allowed: a whole number; round it`;
      return `${got}; allowed: ${typeName(issue.expected)}${received === undefined ? '; add it' : placeholderHint(received) || hintForType(issue.expected, received) || more}`;
    case 'invalid_value':
      return `${got}; allowed: ${issue.values.map(String).join(', ')}${typeof received === 'string' ? valueMeant(received, issue.values.map(String)) : ''}`;
    case 'too_small':
      if (issue.origin === 'array')
        return `${got}; allowed: at least ${issue.minimum} ${issue.minimum === 1 ? 'entry' : 'entries'}; add one`;
      if (issue.origin === 'string') return `${got}; allowed: a string that is not empty`;
      return `${got}; allowed: ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${more}`;
    case 'too_big':
      return `${got}; allowed: at most ${Number(issue.maximum).toLocaleString('en-US')}${issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : ''}${more}`;
    case 'invalid_format':
      return `${got}; allowed: ${formatWords(issue)}`;
    default:
      return issue.message;
  }
}

function formatWords(issue: Issue & { code: 'invalid_format' }): string {
  const field = issue.path.at(-1);
  if (field === 'name' || field === 'profile')
    return 'a-z, 0-9 and -, at most 40 characters; write it in lower case without spaces';
  if (field === 'sweepId') return '0-9, A-Z, a-z, - and _, at most 80 characters';
  // A schema's own words, where it has some.
  if (issue.message.startsWith('expected ')) return issue.message.slice('expected '.length);
  if (field === 'failedTrials') return 'a whole number, or a share such as 25%';
  return `a string that matches ${'pattern' in issue ? issue.pattern : issue.format}`;
}

function hintForType(expected: string, received: unknown): string {
  if (expected === 'number' && typeof received === 'string') {
    if (received.trim() !== '' && Number.isFinite(Number(received)))
      return `; write ${Number(received)} without quotes${/e/i.test(received) ? ' (YAML reads 1e-4 as text in some tools; 0.0001 is always a number)' : ''}`;
    return '; write it as a number';
  }
  if (expected === 'array')
    return `; write it as a list: [${Array.isArray(received) ? '' : show(received).replaceAll('"', '')}]`;
  return '';
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    object: 'a mapping of keys to values',
    record: 'a mapping of keys to values',
    array: 'a list',
    string: 'a string',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  };
  return names[expected] ?? expected;
}

export function fieldName(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

export type AddProblem = (field: string, message: string) => void;
