import { plainJsonSchema } from '../core/spec/spec.ts';

/** As much of a JSON Schema (draft 7) as the spec's uses. */
interface Shape {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly maxLength?: number;
}

/** The spec's keys as Markdown: a heading a part, a row a key, with what is allowed, the default, and the meaning. */
export function specReference(): string {
  const schema = plainJsonSchema() as Shape;
  const topLevel = Object.entries(schema.properties ?? {}).filter(([, { properties }]) => properties === undefined);
  const parts = Object.entries(schema.properties ?? {}).filter(([, { properties }]) => properties !== undefined);
  return [
    '### The document',
    '',
    ...tableOf(topLevel.flatMap(([name, shape]) => rowsOf(schema, name, shape, name))),
    ...parts.flatMap(([part, shape]) => [
      '',
      `### ${part}`,
      '',
      ...tableOf(
        Object.entries(shape.properties ?? {}).flatMap(([name, inner]) =>
          rowsOf(shape, name, inner, `${part}.${name}`),
        ),
      ),
    ]),
  ].join('\n');
}

/** A key that several forms share has one row. */
const tableOf = (rows: readonly string[]) => [
  '| key | allowed | default | meaning |',
  '| --- | --- | --- | --- |',
  ...new Set(rows),
];

/** The key's row, and those of the keys in it. */
function rowsOf(parent: Shape, name: string, shape: Shape, key: string): string[] {
  const cells = [`\`${key}\``, allowed(shape), defaultOf(parent, name, shape), shape.description ?? ''];
  const row = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row, ...innerRows(shape, key)];
}

function innerRows(shape: Shape, key: string): string[] {
  const forms = shape.anyOf ?? [];
  const { additionalProperties: values } = shape;
  const named = typeof values === 'object' && key === 'search.space' ? (values.anyOf ?? []) : [];
  return [
    ...Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => rowsOf(shape, name, inner, `${key}.${name}`)),
    ...Object.entries(shape.items?.properties ?? {}).flatMap(([name, inner]) =>
      rowsOf(shape.items!, name, inner, `${key}[].${name}`),
    ),
    ...[...forms, ...named].flatMap((form) =>
      Object.entries(form.properties ?? {}).flatMap(([name, inner]) =>
        rowsOf(form, name, inner, `${named.length > 0 ? `${key}.<name>` : key}.${name}`),
      ),
    ),
  ];
}

function defaultOf(parent: Shape, name: string, { default: value }: Shape): string {
  if (value === undefined) return parent.required?.includes(name) ? 'required' : '';
  return `\`${JSON.stringify(value)}\``;
}

/** `whole number, 1 to 20` */
function allowed(shape: Shape): string {
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${value}\``).join(', ');
  if (shape.anyOf !== undefined) return [...new Set(shape.anyOf.map(allowed))].join(', or ');
  if (shape.items !== undefined) return `a list of: ${allowed(shape.items)}`;
  const { additionalProperties: values } = shape;
  if (typeof values === 'object' && Object.keys(values).length > 0) return `names, each with: ${allowed(values)}`;
  if (Array.isArray(shape.type)) return shape.type.map((type) => allowed({ type })).join(', or ');
  switch (shape.type) {
    case 'integer':
      return `whole number${range(shape)}`;
    case 'number':
      return `number${range(shape)}`;
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return shape.pattern?.includes('%') ? 'a share such as `25%`' : 'text';
    case 'object':
      return shape.properties === undefined
        ? 'names with values'
        : `{ ${Object.keys(shape.properties)
            .map((name) => `\`${name}\``)
            .join(', ')} }`;
    case 'array':
      return 'a list';
    default:
      return 'any JSON value';
  }
}

/** The bounds that say something; those of JavaScript's whole numbers do not. */
function range({ minimum, maximum, exclusiveMinimum }: Shape): string {
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? null : maximum.toLocaleString('en-US');
  const least = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? null : minimum.toLocaleString('en-US');
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}${most === null ? '' : `, at most ${most}`}`;
  if (least !== null && most !== null) return `, ${least} to ${most}`;
  return least === null ? (most === null ? '' : `, at most ${most}`) : ` from ${least}`;
}
