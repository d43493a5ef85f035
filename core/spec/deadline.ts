const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is a date and a time with its zone, in ISO 8601; seconds may be left out. */
export function isDeadline(text: string): boolean {
  const [, day] = INSTANT.exec(text) ?? [];
  if (day === undefined) return false;
  const midnight = Date.parse(`${day}T00:00Z`);
  // 30 February would be 2 March.
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}
