/**
 * With the stack's name, on all of a stack that is billed by time or size. The tags of jobs, which Batch hands on to the
 * tasks of ECS, also have a sweep's id and name: statemachines/sweep.asl.json.
 */
export const STACK_TAG = 'sweepstack:stack';
