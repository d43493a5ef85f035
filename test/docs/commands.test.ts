import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../cli/program.ts';
import { outputTo } from '../../cli/terminal/output.ts';
import { GENERATED, withGenerated } from '../../tools/generated-docs.ts';
import { SWEEP } from '../support/sweep-command.ts';
import { type Block, blocksOf, printed, sweepCommands } from './blocks.ts';

// What README.md, docs/ and the examples tell a person to type is typed here, page by page, each in a folder of its own; what needs
// AWS, Docker or gigabytes is marked so on the page, and its commands are parsed by the command's own parser.

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'examples/README.md',
  ...readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `examples/${name}/README.md`),
];

/** Files that a page speaks of and does not show. */
const GIVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/search.md': {
    'sweep.yaml':
      'search: { strategy: bayesian, trials: 64, space: { x: { min: 0, max: 1 } } }\ntraining: { command: ["true"] }\n',
    'results.jsonl': '{"parameters": {"x": 0.5}, "value": 0.91, "epochs": 10}\n',
  },
};
/** The folder of the clone that a page's commands run on. */
const CLONED: Readonly<Record<string, string>> = { 'README.md': 'examples/any-program' };
/** Its commands train the built-in classifier: PyTorch. */
const GIGABYTES = ['docs/trainer.md', 'docs/fine-tuning.md'];
/** test/conformance/examples.test.ts and examples/try-all.sh run the examples. */
const RUN_ELSEWHERE = 'examples/';

const read = (page: string) => readFileSync(join(root, page), 'utf8');
const shellBlocks = (page: string) =>
  blocksOf(read(page)).filter(({ language, file }) => language === 'sh' && file === undefined);
const isRun = (page: string, { needs }: Block) =>
  needs === undefined && !GIGABYTES.includes(page) && !page.startsWith(RUN_ELSEWHERE);

/** As the command would parse it; nothing is done. @throws what it would say */
async function parse(args: readonly string[]): Promise<void> {
  const words: string[] = [];
  const sink = { write: (text: string) => words.push(text) > 0 } as unknown as NodeJS.WritableStream;
  const program = commands(outputTo(sink, sink, false), () => {});
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeErr: (text) => words.push(text) });
    if (command !== program) command.action(() => {});
  }
  await program.parseAsync([...args], { from: 'user' }).catch((error) => {
    throw new Error(`sweep ${args.join(' ')}: ${(error as Error).message}${words.join('')}`);
  });
}

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sweepstack-docs-'));
  mkdirSync(join(home, 'bin'));
  for (const [name, text] of [
    ['sweep', `exec '${process.execPath}' '${SWEEP}' "$@"`],
    ['npx', '[ "$1" = sweep ] || exit 97\nshift\nexec sweep "$@"'],
    ['npm', '[ "$*" = ci ] || exit 97'],
  ] as const) {
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(home, 'bin', name), 0o755);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs a block as a person types it, and stops at the first command that fails. */
function shell(text: string, folder: string): Promise<{ status: number; said: string }> {
  const { AWS_PROFILE: _, AWS_ACCESS_KEY_ID: __, ...env } = process.env;
  const commandEnvironment = {
    PATH: `${join(home, 'bin')}:${env['PATH']}`,
    HOME: folder,
    XDG_CACHE_HOME: `${folder}-cache`,
  };
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-ec', text],
      { cwd: folder, env: { ...env, ...commandEnvironment, SWEEPSTACK_CACHE: undefined } },
      (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), said: stdout + stderr }),
    );
  });
}

describe.concurrent.each(pages)('%s', (page) => {
  test('commands do what they say', async () => {
    const folder = join(home, page.replaceAll('/', '-'));
    const lay = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    mkdirSync(folder);
    for (const [name, text] of Object.entries(GIVEN[page] ?? {})) lay(name, text);
    const cloned = CLONED[page];
    if (cloned !== undefined)
      cpSync(join(root, cloned), join(folder, cloned), {
        recursive: true,
        filter: (path) => basename(path) !== '.sweepstack',
      });
    let printedLast = '';
    for (const block of blocksOf(read(page))) {
      if (block.prints !== undefined) expect(printedLast, `${page}, line ${block.line}`).toMatch(printed(block.text));
      if (block.file !== undefined) {
        lay(block.file, block.text);
        continue;
      }
      if (block.language !== 'sh' || !isRun(page, block)) continue;
      const { status, said } = await shell(block.text, folder);
      expect(status, `${page}, line ${block.line}:\n${block.text}\n${said}`).toBe(block.status ?? 0);
      printedLast = said;
    }
  }, 120_000);

  test('commands that are not run have options that exist', async () => {
    for (const block of shellBlocks(page).filter((block) => !isRun(page, block)))
      for (const args of sweepCommands(block.text)) await parse(args);
  });

  test('commands in sentences exist', () => {
    const program = commands(outputTo(process.stdout, process.stderr, false), () => {});
    const known = new Map(program.commands.map((command) => [command.name(), command.options.map(({ long }) => long)]));
    const prose = read(page).replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '');
    for (const [, name = '', rest = ''] of prose.matchAll(/`(?:npx )?sweep ([a-z]+)([^`]*)`/g)) {
      expect([...known.keys()], `sweep ${name}`).toContain(name);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect([...known.get(name)!, '--help']).toContain(option);
    }
  });

  test('links lead somewhere', () => {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, page) : join(root, dirname(page), path);
      expect(existsSync(file), `${page}: ${target}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(file, 'utf8'))).toContain(anchor);
    }
  });
});

/** As GitHub makes them of headings. */
const anchorsOf = (page: string) =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

const FOLDERS = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && !['dist', 'node_modules'].includes(entry.name) ? [entry.name] : [],
);

test.each([...pages, 'CONTRIBUTING.md'])('%s names source files that exist', (page) => {
  for (const [, path = '', folder = ''] of read(page).matchAll(/`((\w+)\/[\w./-]+\.(?:ts|py|json|sh|yaml))`/g)) {
    if (FOLDERS.includes(folder)) expect(existsSync(join(root, path)), `${page}: ${path}`).toBe(true);
  }
});

const SOURCES = ['cli', 'core', 'inputs', 'local', 'objects', 'runner'];

test('docs/troubleshooting.md explains messages that the code has', () => {
  const code = SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(`${folder}/${name}`)),
  ).join('\n');
  const messages = [...read('docs/troubleshooting.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
    ([, message = '']) => message,
  );
  expect(messages.length).toBeGreaterThan(10);
  for (const message of messages) expect(code).toContain(message);
});

test.each(GENERATED)("$file: the table '$name' is what tools/docs.ts writes", ({ file, name, text }) => {
  expect(withGenerated(read(file), name, text())).toBe(read(file));
});
