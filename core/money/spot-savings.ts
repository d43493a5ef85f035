// Written by tools/spot-savings.ts; do not edit.
//
// What Spot instances cost less than on demand, and how often they were interrupted, by AWS's Spot Instance Advisor as
// alexei-led/spotinfo keeps it: internal/spot/data/spot-advisor-data.json, snapshot of 2025-06-28. Not every type is there.

/** The day of the snapshot. */
export const SPOT_SAVINGS_AS_OF = '2025-06-28';

/** The regions of a row, in the order of its cells. */
export const SPOT_SAVINGS_REGIONS = ['us-east-1', 'us-west-2', 'eu-central-1'] as const;

/** How often instances were interrupted in a month, and the saving in percent; null: not told. */
type Cell = readonly [interruptions: string, saving: number] | null;

export const SPOT_SAVINGS: readonly (readonly [type: string, ...cells: Cell[]])[] = [
  ['g4dn.metal', ['>20%', 51], ['>20%', 58], ['10-15%', 73]],
  ['g4dn.xlarge', ['15-20%', 64], ['>20%', 64], ['10-15%', 62]],
  ['g4dn.2xlarge', ['>20%', 61], ['>20%', 63], ['>20%', 71]],
  ['g4dn.4xlarge', ['>20%', 68], ['>20%', 70], ['>20%', 67]],
  ['g4dn.8xlarge', ['>20%', 63], ['>20%', 67], ['>20%', 64]],
  ['g4dn.12xlarge', ['10-15%', 64], ['10-15%', 63], ['>20%', 72]],
  ['g4dn.16xlarge', ['>20%', 76], ['15-20%', 71], ['>20%', 76]],
  ['g5.xlarge', ['>20%', 59], ['>20%', 63], ['>20%', 59]],
  ['g5.2xlarge', ['15-20%', 58], ['>20%', 59], ['15-20%', 66]],
  ['g5.4xlarge', ['10-15%', 60], ['15-20%', 70], ['>20%', 69]],
  ['g5.8xlarge', ['>20%', 59], ['>20%', 70], ['>20%', 74]],
  ['g5.12xlarge', ['>20%', 58], ['>20%', 70], ['>20%', 80]],
  ['g5.16xlarge', ['>20%', 61], ['5-10%', 69], ['>20%', 78]],
  ['g5.24xlarge', ['>20%', 57], ['>20%', 70], ['>20%', 74]],
  ['g5.48xlarge', ['>20%', 71], ['>20%', 72], ['<5%', 54]],
  ['g6.xlarge', ['>20%', 49], ['>20%', 47], ['10-15%', 64]],
  ['g6.2xlarge', ['>20%', 58], ['>20%', 54], ['5-10%', 72]],
  ['g6.4xlarge', ['>20%', 57], ['>20%', 63], ['<5%', 67]],
  ['g6.8xlarge', ['>20%', 56], ['10-15%', 63], ['15-20%', 69]],
  ['g6.12xlarge', ['>20%', 59], ['>20%', 62], ['<5%', 65]],
  ['g6.16xlarge', ['15-20%', 64], ['5-10%', 66], ['<5%', 71]],
  ['g6.24xlarge', ['>20%', 56], ['>20%', 60], ['<5%', 84]],
  ['g6.48xlarge', ['>20%', 69], ['>20%', 72], ['<5%', 89]],
  ['g6e.xlarge', ['5-10%', 58], ['>20%', 50], ['>20%', 68]],
  ['g6e.2xlarge', ['10-15%', 63], ['>20%', 32], ['>20%', 59]],
  ['g6e.4xlarge', ['>20%', 62], ['>20%', 52], ['>20%', 67]],
  ['g6e.8xlarge', ['>20%', 66], ['>20%', 70], ['10-15%', 71]],
  ['g6e.12xlarge', ['>20%', 56], ['>20%', 54], ['10-15%', 59]],
  ['g6e.16xlarge', ['15-20%', 66], ['10-15%', 69], ['15-20%', 75]],
  ['g6e.24xlarge', ['>20%', 74], ['>20%', 69], ['5-10%', 76]],
  ['g6e.48xlarge', ['>20%', 68], ['10-15%', 66], ['<5%', 78]],
  ['gr6.4xlarge', ['>20%', 57], ['>20%', 67], ['5-10%', 69]],
  ['gr6.8xlarge', ['15-20%', 59], ['15-20%', 60], ['10-15%', 70]],
  ['p4d.24xlarge', ['10-15%', 67], ['>20%', 53], ['>20%', 47]],
  ['p4de.24xlarge', ['<5%', 65], ['15-20%', 67], ['<5%', 90]],
  ['p5.48xlarge', ['>20%', 52], ['5-10%', 46], null],
  ['p5en.48xlarge', ['<5%', 64], ['<5%', 63], null],
];
