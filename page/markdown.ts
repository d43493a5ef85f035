/** A piece of a line of a note. */
export type Inline =
  | { readonly kind: 'text' | 'strong' | 'em' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** A part of a note: a heading, a paragraph, a list with an item a line, or code as it is. */
export interface Block {
  readonly kind: 'heading' | 'paragraph' | 'bullets' | 'numbers' | 'code';
  readonly lines: readonly (readonly Inline[])[];
}

// Bold, italics, code, and links to pages of the web: nothing else becomes an element, so no note can do anything.
const INLINE =
  /\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|`([^`]+)`|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s)<>]+)/g;

export function inlinesOf(line: string): Inline[] {
  const pieces: Inline[] = [];
  let from = 0;
  const text = (to: number) => {
    if (to > from) pieces.push({ kind: 'text', text: line.slice(from, to) });
  };
  for (const match of line.matchAll(INLINE)) {
    text(match.index);
    const [whole, strong, em, code, label, href, bare] = match;
    if (strong !== undefined) pieces.push({ kind: 'strong', text: strong });
    else if (em !== undefined) pieces.push({ kind: 'em', text: em });
    else if (code !== undefined) pieces.push({ kind: 'code', text: code });
    else pieces.push({ kind: 'link', text: label ?? bare!, href: href ?? bare! });
    from = match.index + whole.length;
  }
  text(line.length);
  return pieces;
}

/** The part of Markdown that a note needs. */
export function blocksOf(note: string): Block[] {
  const blocks: { kind: Block['kind']; lines: Inline[][] }[] = [];
  let isCode = false;
  let isNew = true;
  const add = (kind: Block['kind'], line: Inline[], joins = true) => {
    const last = blocks.at(-1);
    if (joins && !isNew && last?.kind === kind) last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
    isNew = false;
  };
  for (const line of note.split(/\r?\n/)) {
    if (/^\s*```/.test(line)) {
      isCode = !isCode;
      isNew = true;
    } else if (isCode) add('code', [{ kind: 'text', text: line }]);
    else if (line.trim() === '') isNew = true;
    else {
      const [, heading, bullet, number] = /^#{1,6}\s+(.*)$|^\s*[-*+]\s+(.*)$|^\s*\d+[.)]\s+(.*)$/.exec(line) ?? [];
      if (heading !== undefined) add('heading', inlinesOf(heading), false);
      else if (bullet !== undefined) add('bullets', inlinesOf(bullet));
      else if (number !== undefined) add('numbers', inlinesOf(number));
      else add('paragraph', inlinesOf(line));
    }
  }
  return blocks;
}
