const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Minutes east of UTC: from Baker Island to Kiritimati. */
const ZONES = { west: -12 * 60, east: 14 * 60 };

/** Whether a text is a date and a time with its zone, in ISO 8601; seconds may be left out. */
export const isDeadline = (text: string): boolean => deadlineRemedy(text) === null;

/** What to do about a text that is no date and time with a zone; null: it is one. */
export function deadlineRemedy(text: string): string | null {
  const [, day] = INSTANT.exec(text) ?? [];
  if (day === undefined) return REMEDIES.find(({ looks }) => looks.test(text))?.remedy(text) ?? 'write it like that';
  if (!isDay(day)) return `there is no ${day}; choose a day of that month`;
  return isZone(text) ? null : 'time zones are between -12:00 and +14:00';
}

function isDay(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00Z`);
  // 30 February would be 2 March.
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}

function isZone(text: string): boolean {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  const east = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  return east >= ZONES.west && east <= ZONES.east;
}

/** What people write in place of it, the first that looks like the text. */
const REMEDIES: readonly { readonly looks: RegExp; readonly remedy: (text: string) => string }[] = [
  { looks: /^\s|\s$/, remedy: () => 'remove the space around it' },
  {
    looks: /^\d{4}-\d\d-\d\d$/,
    remedy: (text) => `add a time and its zone: ${text}T08:00Z for eight in the morning, UTC`,
  },
  { looks: /^\d{4}-\d\d-\d\d[ t]/, remedy: () => 'write a T between date and time' },
  { looks: /T24:/, remedy: () => 'midnight is T00:00 of the next day' },
  { looks: /T\d\d:\d\d(:\d\d(\.\d+)?)?$/, remedy: (text) => `add its zone: ${text}Z for UTC, or ${text}+01:00` },
  { looks: /T[\d:.]+[+-]\d{1,2}(\d\d)?$/, remedy: () => 'write the zone as +01:00' },
  { looks: /z$/, remedy: () => 'write Z for UTC' },
];
