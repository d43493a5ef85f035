/** What a spec may call its parameters, variables and sweeps. */

export const PARAMETER_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What Step Functions accepts as the name of an execution. */
export const SWEEP_ID = /^[0-9A-Za-z_-]{1,80}$/;

export const SWEEP_NAME = /^[a-z0-9-]{1,40}$/;
