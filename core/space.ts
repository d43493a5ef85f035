import type { Json } from './json.ts';

/** One trial's hyperparameters: active ones only, keys in code-unit order. */
export type Parameters = Readonly<Record<string, Json>>;

export interface Space {
  readonly todo: true;
}
