import * as z from 'zod';
import { configSchema } from './config.ts';

interface Shape {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly required?: readonly string[];
}

/** The table of the configuration in docs/running-on-aws.md: a row a key, with its default and what it says of itself. */
export function configTable(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  const rows = rowsOf(schema as Shape, '');
  return ['| key of `sweepstack` | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(shape: Shape, prefix: string): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, property]) => {
    const key = `${prefix}${name}`;
    const row = `| \`${key}\` | ${defaultOf(shape, name, property)} | ${(property.description ?? '').replaceAll('|', '\\|')} |`;
    const { items, additionalProperties: values } = property;
    if (items?.properties !== undefined) return [row, ...rowsOf(items, `${key}[].`)];
    if (typeof values === 'object') return [row, ...rowsOf(values, `${key}.<name>.`)];
    return [row, ...rowsOf(property, `${key}.`)];
  });
}

function defaultOf(shape: Shape, name: string, property: Shape): string {
  if (property.default === undefined) return shape.required?.includes(name) ? 'required' : '';
  const { default: value } = property;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `\`${JSON.stringify(value)}\``;
  // A record of objects is too long for a cell: its names tell enough.
  return Object.keys(value)
    .map((key) => `\`${key}\``)
    .join(', ');
}
