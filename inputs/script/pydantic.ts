import { CONTRACT_VARIABLES, RUNNER_VARIABLES, variableOf } from '../../core/spec/variables.ts';
import type { Declared, Module } from './module.ts';
import { declaredOption, type Interface } from './option.ts';
import { roleOf } from './roles.ts';

/** The fields of pydantic's `BaseSettings`, each with the variable that it is read from: its name, behind a prefix if one is set. */
export const settingsFields = (module: Module): (Declared & { readonly variable: string })[] =>
  module.classes
    .filter(({ bases }) => bases.some((base) => /(^|\.)BaseSettings$/.test(base)))
    .flatMap(({ fields }) => {
      const prefix = /env_prefix["']?\s*[=:]\s*["'](\w+)["']/.exec(module.text)?.[1] ?? '';
      return fields
        .filter(({ annotation }) => annotation.length > 0)
        .map((field) => ({ ...field, variable: `${prefix}${field.name}`.toUpperCase() }));
    });

export function settingsInterface(modules: readonly Module[]): Interface | null {
  const options = modules.flatMap((module) =>
    settingsFields(module).flatMap(({ variable, ...field }) => {
      const isGiven = [...CONTRACT_VARIABLES, ...RUNNER_VARIABLES].some((name) => name === variable);
      return isGiven ? [] : [{ ...declaredOption(module, field, field.name, 'variable'), variable }];
    }),
  );
  if (options.length === 0) return null;
  // A trial has its parameters without the prefix.
  const prefixed = options.filter(
    (option) => option.variable !== variableOf(option.name) && roleOf(option) === 'parameter',
  );
  return {
    kind: 'environment variables',
    form: null,
    words: [],
    options,
    notes: [],
    environment: Object.fromEntries(prefixed.map(({ name, variable }) => [variable, `{${name}}`])),
  };
}
