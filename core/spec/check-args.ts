import type { Json } from '../base/json.ts';
import { show } from '../base/text.ts';
import { choicesOf } from '../space/choices.ts';
import { programText } from '../space/program-text.ts';
import { ARGS_FORMS, argsWords, isWordList } from './args.ts';
import { isWanted } from './command.ts';
import type { AddProblem } from './problems.ts';
import type { CommandPart, ParsedSpec } from './spec.ts';

/** Choices that one of the forms in use makes the same arguments of, though their texts differ: `true` and `"True"`. */
export function checkArgs(
  { search: { space }, training }: ParsedSpec,
  command: CommandPart[],
  addProblem: AddProblem,
): void {
  const wanted = { ...training, command };
  const write = programText(space);
  for (const form of ARGS_FORMS.filter((each) => isWordList(each) && isWanted(each, wanted)))
    for (const [name, parameter] of Object.entries(space)) {
      const seen = new Map<string, Json>();
      for (const choice of choicesOf(parameter) ?? []) {
        const words = argsWords(form, { [name]: choice }, write, '');
        const key = JSON.stringify(words);
        const before = seen.get(key);
        // What is the same text everywhere is refused as that.
        if (before !== undefined && write.text(name, before) !== write.text(name, choice))
          addProblem(
            `search.space.${name}`,
            `received ${show(before)} and ${show(choice)}, of which {${form}} makes the same arguments, ${words.map(show).join(' ')}; keep one of them, or write one differently`,
          );
        if (before === undefined) seen.set(key, choice);
      }
    }
}
