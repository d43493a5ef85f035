import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** In a process of its own: the test runner counts a stray error as its own failure. */
test('an error that nothing waits for is told of and ends nothing', async () => {
  const program = `
    import { noticeStrayErrors } from ${JSON.stringify(join(import.meta.dirname, '../../local/stray-errors.ts'))};
    const quiet = noticeStrayErrors((event) => console.log(event.message));
    Promise.reject(new TypeError('lost'));
    setImmediate(() => { quiet(); console.log('goes on'); });
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(stdout).toBe('an unexpected error in the background: TypeError: lost\ngoes on\n');
});
