/**
 * The fenced blocks of a page, and what the comment before each says of it:
 *
 *   <!-- file: NAME -->      the block is a file that the page's commands find
 *   <!-- needs: WHAT -->     its commands need AWS, Docker or gigabytes, and are only parsed
 *   <!-- status: N -->       its last command ends with this status
 *   <!-- prints: WHAT -->    the commands before it print these lines; ... stands for any text, xxxxxxxx for a digest
 */
export interface Block {
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly file?: string;
  readonly needs?: string;
  readonly status?: number;
  readonly prints?: string;
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = page.split('\n');
  let marks: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const mark = /^<!-- (file|needs|status|prints): (.+?) -->$/.exec(line);
    if (mark !== null) {
      marks[mark[1]!] = mark[2]!;
      continue;
    }
    const fence = /^(`{3,})(\w*)$/.exec(line);
    if (fence === null) {
      if (line.trim() !== '') marks = {};
      continue;
    }
    const end = lines.indexOf(fence[1]!, at + 1);
    if (end === -1) throw new Error(`line ${at + 1}: a fence that does not end`);
    const { status, ...said } = marks;
    blocks.push({
      line: at + 1,
      language: fence[2]!,
      text: `${lines.slice(at + 1, end).join('\n')}\n`,
      ...said,
      ...(status === undefined ? {} : { status: Number(status) }),
    });
    marks = {};
    at = end;
  }
  return blocks;
}

/** The arguments of each `sweep ...` or `npx sweep ...` command in shell text; what else stands there is left. */
export function sweepCommands(text: string): string[][] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/ > \S+/g, '')
    .split(/\n|&&|\|/)
    .map(wordsOf)
    .flatMap((words) => {
      if (words[0] === 'npx') words.shift();
      return words[0] === 'sweep' ? [words.slice(1)] : [];
    });
}

/** A command line's words; quotes hold together, a comment ends it. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/#.*|"[^"]*"|'[^']*'|[^\s"']+/g)) {
    if (word.startsWith('#')) break;
    words.push(/^["']/.test(word) ? word.slice(1, -1) : word);
  }
  return words;
}

/** What the output of a command has to match for a page's `prints` block to be true. */
export function printed(block: string): RegExp {
  const literal = block.trimEnd().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(literal.replaceAll('\\.\\.\\.', '.*').replaceAll('xxxxxxxx', '[0-9a-f]{8}'));
}
