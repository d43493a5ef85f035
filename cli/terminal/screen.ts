import { createLogUpdate } from 'log-update';
import { onExit } from 'signal-exit';
import { width } from './text.ts';

/** Between these a terminal that knows them shows nothing half drawn (synchronized output, mode 2026). */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Cursor up a line, and that line erased. */
const ERASE_ABOVE = '\u001b[1A\u001b[2K';

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'>;

/**
 * The last lines of a terminal, redrawn in place, below lines that stay. Every change is one write. The cursor is
 * hidden from the first one to `end`, or to whatever ends the process before.
 */
export class Screen {
  readonly #stream: Terminal;
  readonly #update: ReturnType<typeof createLogUpdate>;
  #pending = '';
  #shown: readonly string[] = [];
  #columns: number;
  /** Null: the cursor is not hidden. */
  #forget: (() => void) | null = null;

  constructor(stream: Terminal) {
    this.#stream = stream;
    this.#columns = stream.columns;
    const collecting = {
      write: (text: string) => {
        this.#pending += text;
        return true;
      },
      get columns() {
        return stream.columns;
      },
      get rows() {
        return stream.rows;
      },
    };
    this.#update = createLogUpdate(collecting as NodeJS.WriteStream, { showCursor: true });
  }

  draw(lines: readonly string[]): void {
    this.#unfold();
    this.#update(lines.join('\n'));
    this.#shown = lines;
    this.#flush();
  }

  /** A line that stays, above the frame. */
  print(line: string, lines: readonly string[]): void {
    this.#unfold();
    this.#update.persist(line);
    this.#update(lines.join('\n'));
    this.#shown = lines;
    this.#flush();
  }

  /** The last frame stays, or goes where something better follows. */
  end(keep: boolean): void {
    if (!keep) this.#update.clear();
    this.#flush();
    this.#update.done();
    this.#showCursor();
  }

  #showCursor(): void {
    if (this.#forget === null) return;
    this.#forget();
    this.#forget = null;
    process.off('SIGTSTP', this.#suspend);
    // END once more: at Ctrl-C a terminal throws away what it had not shown yet, which may be the end of a frame.
    this.#stream.write(`${END}${SHOW_CURSOR}`);
  }

  /** Ctrl-Z: the shell gets its cursor back, and what it writes is left alone; the next frame begins below. */
  readonly #suspend = (): void => {
    this.#update.done();
    this.#shown = [];
    this.#showCursor();
    process.kill(process.pid, 'SIGSTOP');
  };

  /** A terminal that became narrower folded what stood there: the rows that log-update does not know of are erased first. */
  #unfold(): void {
    const { columns } = this.#stream;
    if (columns < this.#columns) {
      const folded = this.#shown.reduce((rows, line) => rows + Math.max(0, Math.ceil(width(line) / columns) - 1), 0);
      this.#pending += ERASE_ABOVE.repeat(folded);
    }
    this.#columns = columns;
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = '';
    if (text === '') return;
    const hide = this.#forget === null ? HIDE_CURSOR : '';
    if (this.#forget === null) {
      this.#forget = onExit(() => this.#showCursor(), { alwaysLast: true });
      process.on('SIGTSTP', this.#suspend);
    }
    this.#stream.write(`${BEGIN}${hide}${text}${END}`);
  }
}
