import { SIZES } from '../aws/instance-families.ts';
import { familyOf } from '../aws/instances.ts';
import { PRICED_INSTANCES } from './prices.ts';

/** The types that a list of types and families means, each once. */
export function namedTypes(named: readonly string[]): string[] {
  const types = named.flatMap((each) => (each.includes('.') ? [each] : sizesOf(each)));
  return [...new Set(types)];
}

/** The types of a family that the price table has, else all of EC2. */
function sizesOf(family: string): string[] {
  const known = PRICED_INSTANCES.filter(({ type }) => familyOf(type) === family).map(({ type }) => type);
  return known.length > 0 ? known : (SIZES.get(family) ?? []).map((size) => `${family}.${size}`);
}
