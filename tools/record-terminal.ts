// Records docs/terminal.svg, the README's first command as a person sees it, with the product as it is built here (and Python 3):
//
//   npm run build && node tools/node24.mjs tools/record-terminal.ts
//
// test/page/docs-pictures.ts does the same for the pictures of the report.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { screensOf, svgOf } from './terminal-picture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const EXAMPLE = 'examples/any-program';
const [COLUMNS, ROWS] = [84, 40];
const MAX_SCREENS = 12;
const SECONDS = 0.6;

/** The README's first command, as a person sees it; names of folders are those of a clone at home. */
function terminal(): void {
  const clone = mkdtempSync(join(tmpdir(), 'sweepstack-pictures-'));
  try {
    cpSync(join(root, EXAMPLE), join(clone, EXAMPLE), {
      recursive: true,
      filter: (path) => basename(path) !== '.sweepstack',
    });
    const sweep = [process.execPath, join(root, 'dist/sweep.mjs'), 'run', `${EXAMPLE}/sweep.yaml`];
    const args = [join(root, 'test/python/in_terminal.py'), `${COLUMNS}`, `${ROWS}`, 'sweep', '', ...sweep];
    const environment = {
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      FORCE_COLOR: '1',
      XDG_CACHE_HOME: join(clone, 'cache'),
    };
    const { NO_COLOR: _, LC_ALL: __, ...inherited } = process.env;
    const answer = execFileSync('python3', args, {
      cwd: clone,
      encoding: 'utf8',
      env: { ...inherited, ...environment, npm_command: 'exec' },
    });
    const { written } = JSON.parse(answer) as { written: string };
    const screens = screensOf(written.replaceAll(clone, '~/sweepstack'));
    const step = Math.max(1, Math.ceil((screens.length - 1) / MAX_SCREENS));
    const shown = screens.filter((_screen, index) => index % step === 0 || index === screens.length - 1);
    writeFileSync(join(root, 'docs/terminal.svg'), svgOf(shown, COLUMNS, SECONDS));
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

terminal();
