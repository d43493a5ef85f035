/**
 * Has the stack's name, on everything of a stack that is billed by time or size. Jobs are also tagged with the sweep's id
 * and name (statemachines/sweep.asl.json), and Batch passes their tags on to ECS tasks.
 */
export const STACK_TAG = 'sweepstack:stack';
