import type { DeployedArns, Grant } from '../core/aws/grants.ts';
import { aggregateGrants } from './aggregate/grants.ts';
import { planEnvironmentSchema } from './plan/environment.ts';
import { planGrants } from './plan/grants.ts';
import { promoteGrants } from './promote/grants.ts';
import { releaseEnvironmentSchema } from './release/environment.ts';
import { releaseGrants } from './release/grants.ts';
import { selectGrants } from './select/grants.ts';
import { environmentSchema } from './shared/environment.ts';

interface LambdaFunction {
  readonly memoryMiB: number;
  /** Its keys are the variables that the deployment sets. */
  readonly environment: typeof environmentSchema | typeof planEnvironmentSchema | typeof releaseEnvironmentSchema;
  /** What it may do beyond writing its log and, where it is told of the store, listing that. */
  readonly grants: (arns: DeployedArns) => readonly Grant[];
}

/** One whole vCPU, which is what a Lambda gets at this size: planning and ranking a million trials needs it. */
const WHOLE_CPU_MIB = 1769;

/**
 * The functions of the state machine, by name: a folder here, a handler of handlers.ts, a bundle of dist/lambdas, a
 * function of the stack. The end of an execution calls `release` too.
 */
export const FUNCTIONS = {
  plan: { memoryMiB: WHOLE_CPU_MIB, environment: planEnvironmentSchema, grants: planGrants },
  aggregate: { memoryMiB: 1024, environment: environmentSchema, grants: aggregateGrants },
  select: { memoryMiB: WHOLE_CPU_MIB, environment: environmentSchema, grants: selectGrants },
  promote: { memoryMiB: 512, environment: environmentSchema, grants: promoteGrants },
  release: { memoryMiB: 512, environment: releaseEnvironmentSchema, grants: releaseGrants },
} as const satisfies Record<string, LambdaFunction>;

export type FunctionName = keyof typeof FUNCTIONS;
type KeyOf<Union> = Union extends Union ? keyof Union : never;
/** A variable that some function reads. */
export type EnvironmentName = KeyOf<(typeof FUNCTIONS)[FunctionName]['environment']['shape']>;

export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];

/** A record with a value for each function. */
export function forEachFunction<Value>(make: (name: FunctionName) => Value): Record<FunctionName, Value> {
  return Object.fromEntries(FUNCTION_NAMES.map((name) => [name, make(name)])) as Record<FunctionName, Value>;
}

/** `plan` -> `Plan`, as constructs and placeholders have it. */
export const titleOf = (name: FunctionName): string => `${name[0]!.toUpperCase()}${name.slice(1)}`;

/** A record with a value for each placeholder of sweep.asl.json that stands for a function: `PlanFunction`. */
export function functionSubstitutions(fill: (name: FunctionName) => string): Record<string, string> {
  return Object.fromEntries(FUNCTION_NAMES.map((name) => [`${titleOf(name)}Function`, fill(name)]));
}
