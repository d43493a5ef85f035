/** How programs write numbers: with a sign, an exponent, separators of thousands, or as what is no finite number. */

const DIGITS = String.raw`(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`;
const NOT_FINITE = String.raw`(?:[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)\b`;
const SIGNED = `[+-]?(?:${NOT_FINITE}|${DIGITS})`;
/** As arrays of PyTorch and NumPy print a single number. */
const ARRAY = String.raw`(?:tensor|(?:np\.)?float(?:16|32|64))\(`;

/** As Python prints a text, and so Hugging Face's Trainer its metrics: {'eval_loss': '3.074'}. */
const QUOTE = `["']`;

/** A number in any of these forms, as a regular expression that needs no backtracking; a percent sign behind it is passed over. */
export const NUMBER = String.raw`(?:${ARRAY}|${QUOTE})?${SIGNED}(?:[ \t]?%)?`;

const STRICT = new RegExp(`^${SIGNED}$`);
const LENIENT = new RegExp(String.raw`^(?:${ARRAY}(${SIGNED})(?:[,)].*)?|${QUOTE}?(${SIGNED})[ \t]*%?${QUOTE}?)$`, 's');

/** The number that a text is; null: it says "not finite"; undefined: it is no number. */
export function numeral(text: string): number | null | undefined {
  const trimmed = text.trim();
  return STRICT.test(trimmed) ? numberFrom(trimmed) : undefined;
}

/** As `numeral`; also with a percent sign behind it, and as an array's text. */
export function lenientNumeral(text: string): number | null | undefined {
  const [, wrapped, bare] = LENIENT.exec(text.trim()) ?? [];
  const found = wrapped ?? bare;
  return found === undefined ? undefined : numberFrom(found);
}

function numberFrom(text: string): number | null {
  const value = Number(text.replace(/[,_]/g, ''));
  return Number.isFinite(value) ? value : null;
}
