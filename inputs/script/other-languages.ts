import { readJulia } from './julia.ts';
import type { OtherProgram, Places } from './other-program.ts';
import { readR } from './r-language.ts';
import { readShell } from './shell.ts';

/** Scripts of other languages than Python, of which only the usual ways to take settings and to print are known. */

const READERS: Readonly<Record<string, (text: string, placeOf: Places) => OtherProgram>> = {
  sh: readShell,
  bash: readShell,
  R: readR,
  r: readR,
  jl: readJulia,
};

export const OTHER_LANGUAGE = /\.(sh|bash|[Rr]|jl)$/;

export const readOther = (file: string, text: string): OtherProgram =>
  READERS[file.slice(file.lastIndexOf('.') + 1)]!(text, (line) => `${file}:${line}`);
