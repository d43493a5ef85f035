import { describe, expect, test } from 'vitest';
import { openWorkdir } from '../../cli/run/workdir.ts';
import { cacheFolder, workdirOf } from '../../inputs/paths.ts';

describe('the cache folder', () => {
  test.each([
    [{ HOME: '/home/me' }, '/home/me/.cache/sweepstack'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '/caches' }, '/caches/sweepstack'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '' }, '/home/me/.cache/sweepstack'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: 'caches' }, '/home/me/.cache/sweepstack'],
    [{ HOME: '/home/me', SWEEPSTACK_CACHE: '/mine' }, '/mine'],
    [{ HOME: '/home/me', SWEEPSTACK_CACHE: '' }, '/home/me/.cache/sweepstack'],
    [{ HOME: '', SWEEPSTACK_CACHE: '/mine' }, '/mine'],
  ])('of %j is %s', (environment, folder) => {
    expect(cacheFolder(environment)).toBe(folder);
  });

  test.each([{ HOME: '' }, { HOME: 'me' }, { HOME: '', XDG_CACHE_HOME: 'caches' }])('of %j is none', (environment) => {
    expect(cacheFolder(environment)).toBeNull();
  });

  test('is absolute, whatever was said', () => {
    expect(cacheFolder({ SWEEPSTACK_CACHE: 'mine' })).toBe(`${process.cwd()}/mine`);
  });
});

describe('a workdir', () => {
  test.skipIf(process.platform !== 'linux').each(['/proc/x', '/proc/self/x/y', '/dev/null/x'])(
    'that cannot be %s is refused by name',
    async (workdir) => {
      await expect(openWorkdir(workdir, 'digits-1', [])).rejects.toThrow(
        /^--workdir: the folder .* cannot be created .*; choose another one$/,
      );
    },
  );

  test('with an empty name is refused, and is not the folder one stands in', () => {
    expect(() => workdirOf('sweep.yaml', ' ')).toThrow(/^--workdir: received an empty string/);
  });
});
