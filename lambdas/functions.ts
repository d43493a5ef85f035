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
  /** Its keys are the environment variables that the deployment sets. */
  readonly environment: typeof environmentSchema | typeof planEnvironmentSchema | typeof releaseEnvironmentSchema;
  /** Grants beyond writing its log and, if it is given the store, listing it. */
  readonly grants: (arns: DeployedArns) => readonly Grant[];
}

/** The size at which a Lambda gets a whole vCPU, which planning and ranking a million trials needs. */
const WHOLE_CPU_MIB = 1769;

/**
 * The state machine's functions. Each name is a folder here, a handler in handlers.ts, a bundle in dist/lambdas and a
 * function of the stack. The end of an execution also calls `release`.
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
/** An environment variable that some function reads. */
export type EnvironmentName = KeyOf<(typeof FUNCTIONS)[FunctionName]['environment']['shape']>;

export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];

/** A record with a value for each function. */
export function forEachFunction<Value>(make: (name: FunctionName) => Value): Record<FunctionName, Value> {
  return Object.fromEntries(FUNCTION_NAMES.map((name) => [name, make(name)])) as Record<FunctionName, Value>;
}

/** `plan` -> `Plan`, as in the names of constructs and placeholders. */
export const titleOf = (name: FunctionName): string => `${name[0]!.toUpperCase()}${name.slice(1)}`;

/** A record with a value for each placeholder of sweep.asl.json that stands for a function: `PlanFunction`. */
export function functionSubstitutions(fill: (name: FunctionName) => string): Record<string, string> {
  return Object.fromEntries(FUNCTION_NAMES.map((name) => [`${titleOf(name)}Function`, fill(name)]));
}
