// Downloads s3://bench/PREFIX/ to a folder, as a trial's runner does.   node bench/data/ours.ts PREFIX FOLDER [CHECKOUT]
import { join } from 'node:path';

const [prefix, folder, checkout = join(import.meta.dirname, '../..')] = process.argv.slice(2);
const load = <Module>(file: string) => import(join(checkout, file)) as Promise<Module>;
const { downloadFolder } = await load<typeof import('../../storage/folders.ts')>('storage/folders.ts');
const { openStore } = await load<typeof import('../../storage/open.ts')>('storage/open.ts');
await downloadFolder(await openStore('s3://bench'), `${prefix}/`, folder!);
console.error(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
