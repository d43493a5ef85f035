/**
 * A set of small whole numbers as base64 text: number n is bit n % 8 of byte n / 8, and bytes of no number are left off at
 * the end. 10,000 numbers take 1,668 characters; equal sets give equal texts.
 */
export function bitmapOf(numbers: Iterable<number>): string {
  const members = [...numbers];
  const largest = members.reduce((most, number) => Math.max(most, number), -1);
  const bytes = new Uint8Array(Math.floor(largest / 8) + 1);
  for (const number of members) bytes[number >> 3]! |= 1 << (number & 7);
  return Buffer.from(bytes).toString('base64');
}

/** The inverse of `bitmapOf`, in ascending order. */
export function numbersIn(bitmap: string): number[] {
  const numbers: number[] = [];
  Buffer.from(bitmap, 'base64').forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) numbers.push(index * 8 + bit);
  });
  return numbers;
}
