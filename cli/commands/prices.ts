import { familyOf } from '../../core/aws/instances.ts';
import { badInput } from '../../core/base/errors.ts';
import { didYouMean, show } from '../../core/base/text.ts';
import { hourlyText } from '../../core/money/dollars.ts';
import {
  interruptionsOf,
  PRICED_INSTANCES,
  type Price,
  type PriceBook,
  priceFor,
  refreshHint,
} from '../../core/money/prices.ts';
import { namedTypes } from '../../core/money/types.ts';
import { StackPrices } from '../../objects/prices.ts';
import { keepPrices, priceBook, regionHere, today } from '../lookup/kept-prices.ts';
import { hiddenNote, lay } from '../terminal/columns.ts';
import type { Output } from '../terminal/output.ts';
import { roomOf } from '../terminal/wrap.ts';

export interface PricesOptions {
  readonly refresh?: boolean | undefined;
  /** The stack whose region and types are asked for. */
  readonly stack?: string | undefined;
}

/** One type's prices. */
export interface TypePrices {
  readonly type: string;
  /** Of NVIDIA, in words; empty without any. */
  readonly gpus: string;
  readonly onDemand: Price | null;
  readonly spot: Price | null;
  /** How often Spot instances of it were interrupted in a month. */
  readonly interruptions: string | null;
}

/** Shows what instances cost, by types or families, else all that are known; with `refresh` asks AWS first. */
export async function prices(named: readonly string[], options: PricesOptions, output: Output): Promise<void> {
  const region = options.refresh ? await refresh(named, options.stack, output) : regionHere();
  const book = priceBook(region, null);
  if (!options.refresh) requireKnown(named, book);
  const types = named.length === 0 ? allTypes(book) : namedTypes(named);
  const rows = types.map((type) => pricesOf(type, book));
  const hint = refreshHint(
    rows.flatMap(({ onDemand, spot }) => [onDemand, spot]).filter((price) => price !== null),
    region,
    today(),
  );
  output.document({ region, instances: rows, hint });
  output.text(`${pricesTable(rows)}\n\n${LEGEND}`);
  if (hint !== null) output.note(hint);
}

const LEGEND = [
  'Dollars per hour for a whole Linux instance. list: the table that comes with Sweepstack. asked: fetched from AWS on that day.',
  'estimate: the list price minus the Spot discount. limit: the on-demand price, because the Spot price is unknown.',
].join('\n');

const allTypes = ({ asked }: PriceBook): string[] => [
  ...new Set([
    ...PRICED_INSTANCES.map(({ type }) => type),
    ...Object.keys(asked?.onDemand ?? {}),
    ...Object.keys(asked?.spot ?? {}),
  ]),
];

function pricesOf(type: string, book: PriceBook): TypePrices {
  const instance = PRICED_INSTANCES.find((each) => each.type === type);
  const of = (purchase: 'spot' | 'onDemand') => priceFor({ type, purchase, zone: null }, book);
  return {
    type,
    gpus: instance === undefined || instance.gpus === 0 ? '' : `${instance.gpus} ${instance.gpu}`,
    onDemand: of('onDemand'),
    spot: of('spot'),
    interruptions: interruptionsOf(type, book.region),
  };
}

/** @throws BadInput naming what is no type or family that anything is known of */
function requireKnown(named: readonly string[], book: PriceBook): void {
  const known = allTypes(book);
  const families = [...new Set(known.map(familyOf))];
  const unknown = named.find((each) => !known.includes(each) && !families.includes(each));
  if (unknown === undefined) return;
  throw badInput(
    '',
    `received ${show(unknown)}, of which no price is known; allowed: types and families such as g5.2xlarge and g5${didYouMean(unknown, [...known, ...families])}; with --refresh, AWS is asked for it`,
  );
}

function pricesTable(rows: readonly TypePrices[]): string {
  const column = (name: string, keep: number, cell: (row: TypePrices) => string, right = false) => ({
    ...{ name, keep, right },
    cells: rows.map(cell),
  });
  const amount = (price: Price | null) => (price === null ? '' : hourlyText(price.dollars));
  const origin = (price: Price | null) =>
    price === null ? 'no price known' : `${price.kind} ${price.region} ${price.asOf}`;
  const laid = lay(
    [
      column('type', 0, ({ type }) => type),
      column('GPUs', 5, ({ gpus }) => gpus),
      column('on demand', 1, ({ onDemand }) => amount(onDemand), true),
      column('its source', 4, ({ onDemand }) => origin(onDemand)),
      column('Spot', 2, ({ spot }) => amount(spot), true),
      column('its source', 3, ({ spot }) => origin(spot)),
      column('interrupted', 6, ({ interruptions }) => interruptions ?? ''),
    ],
    roomOf(process.stdout),
  );
  return [...laid.lines, ...hiddenNote(laid)].join('\n');
}

/** Asks for the named types, else those of the stack's profiles, in the stack's region, and keeps the answers; the region. */
async function refresh(named: readonly string[], stackName: string | undefined, output: Output): Promise<string> {
  const [{ openStack }, { openCaller }, { askPrices }, { askingAws }] = await Promise.all([
    import('../remote/stack.ts'),
    import('../remote/account.ts'),
    import('../remote/prices.ts'),
    import('../remote/errors.ts'),
  ]);
  const stack = await openStack(stackName);
  const ofStack = Object.values(stack.profiles).flatMap(({ instanceTypes }) => instanceTypes);
  const types = namedTypes(named.length === 0 ? ofStack : named);
  const caller = { ...(await openCaller()), region: stack.region };
  const asked = await askingAws('asking for prices', () => askPrices(caller, types, new Date()));
  const { file } = await keepPrices(asked);
  const counted = (what: object) => Object.keys(what).length;
  const isShared = await askingAws('keeping the prices', () =>
    new StackPrices(stack.objects, stack.region).add(asked),
  ).then(
    () => true,
    (error: unknown) => {
      output.note(
        `the stack does not have these prices, so its sweeps are not counted by them: ${(error as Error).message}`,
      );
      return false;
    },
  );
  if (isShared)
    output.note(`the stack ${stack.name} counts its sweeps by them; budget.dollars, from each sweep's next start on`);
  output.note(
    `AWS gave ${counted(asked.onDemand)} prices on demand and ${counted(asked.spot)} on Spot of ${types.length} types in ${stack.region}${file === null ? '; there is no cache folder to keep them in' : `; kept in ${file}`}`,
  );
  return stack.region;
}
