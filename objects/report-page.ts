import { readFile } from 'node:fs/promises';
import { SweepstackError } from '../core/base/errors.ts';

const NAME = 'report-page.html';
/** Beside the bundle that this is part of; from the sources, in the build folder. */
const PLACES = [new URL(NAME, import.meta.url), new URL(`../dist/${NAME}`, import.meta.url)];

let page: Promise<string> | undefined;

/** The report's page without a sweep in it, read once. @throws SweepstackError where it was not built */
export function reportPage(): Promise<string> {
  page ??= readFirst();
  return page;
}

async function readFirst(): Promise<string> {
  for (const place of PLACES) {
    const text = await readFile(place, 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  page = undefined;
  throw new SweepstackError(`${NAME} is missing; npm run build makes it (dist/${NAME})`);
}
