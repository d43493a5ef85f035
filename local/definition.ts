import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { MAX_TIMER_MS } from '../core/base/timer.ts';
import { functionSubstitutions } from '../lambdas/functions.ts';
import source from '../statemachines/sweep.asl.json' with { type: 'json' };

export type Service = 'lambda:invoke' | 'batch:submitJob.sync';

export interface TaskState {
  readonly name: string;
  readonly service: Service;
  /** When Step Functions ends the task with States.Timeout, and stops what it runs. */
  readonly timeoutMs: number;
}

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly ItemProcessor?: { readonly States: Record<string, State> };
  TimeoutSeconds?: number;
}

/** The values that a deployment would fill in: here the functions' names, and the partition of most accounts. */
const SUBSTITUTIONS: Readonly<Record<string, string>> = { ...functionSubstitutions((name) => name), Partition: 'aws' };

/** `sweep.asl.json` as it runs here: substitutions filled in, and the list of its tasks. */
export function loadDefinition(): {
  readonly definition: StateMachineDefinition;
  readonly tasks: readonly TaskState[];
} {
  const text = JSON.stringify(source).replace(/\$\{(\w+)\}/g, (placeholder, key) => {
    const value = SUBSTITUTIONS[key];
    if (value === undefined) throw new Error(`sweep.asl.json: nothing here fills in ${placeholder}`);
    return value;
  });
  const definition = JSON.parse(text) as { States: Record<string, State> };
  return { definition: definition as unknown as StateMachineDefinition, tasks: tasksOf(definition.States) };
}

function tasksOf(states: Record<string, State>): TaskState[] {
  return Object.entries(states).flatMap(([name, state]) => {
    if (state.ItemProcessor !== undefined) return tasksOf(state.ItemProcessor.States);
    return state.Type === 'Task' ? [taskOf(name, state)] : [];
  });
}

function taskOf(name: string, state: State): TaskState {
  const service = state.Resource?.replace('arn:aws:states:::', '');
  if (service !== 'lambda:invoke' && service !== 'batch:submitJob.sync') {
    throw new Error(`sweep.asl.json: nothing here runs ${state.Resource} of the state ${name}`);
  }
  // Lambda's 15 minutes do not apply here, where the first task includes the digest of a large folder. The interpreter
  // uses 60 s if there is no time-out, and ends at once if one exceeds what its timer can count (24 days).
  const longest = Math.floor(MAX_TIMER_MS / 1000);
  const seconds = service === 'lambda:invoke' ? longest : Math.min(longest, state.TimeoutSeconds ?? longest);
  state.TimeoutSeconds = seconds;
  return { name, service, timeoutMs: seconds * 1000 };
}
