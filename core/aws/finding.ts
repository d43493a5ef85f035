/** What `sweep doctor` found out about one thing that a first sweep needs. */
export interface Finding {
  readonly check: string;
  /** unknown: it could not be asked, so nobody knows. */
  readonly status: 'ok' | 'wrong' | 'unknown';
  /** What is there, or why it could not be asked. */
  readonly found: string;
  /** The command, or the step, that mends it; null: nothing is to be done. */
  readonly remedy: string | null;
}

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found, remedy: null });

export const wrong = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: 'wrong',
  found,
  remedy,
});

export const unknown = (check: string, found: string, remedy: string | null = null): Finding => ({
  check,
  status: 'unknown',
  found,
  remedy,
});

/** Of what was found out about like things: the first that is not in order, else the first. Never none. */
export const foremost = (findings: readonly Finding[]): Finding =>
  findings.find(({ status }) => status !== 'ok') ?? findings[0]!;
