import { cacheFolder } from '../inputs/paths.ts';
import { findUv } from '../runner/python.ts';

/** uv as a command: the one on the PATH, or one of our own in the cache. */
export const uvCommand = (): Promise<string> => findUv(cacheFolder());
