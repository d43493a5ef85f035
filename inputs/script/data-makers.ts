/** Scripts that make or fetch a program's data, by their names. */
const MAKES_DATA =
  /(^|\/)(prepare|preprocess|download|(get|fetch|make|build|create|generate|gen)_(?=[\w-]*(data|corpus|images)))[\w-]*\.(py|sh|R|jl)$/i;

export const dataMakers = (files: Iterable<string>): string[] =>
  [...files].filter((file) => MAKES_DATA.test(file)).sort();
