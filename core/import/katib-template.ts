import { escapedForPattern } from '../spec/pattern-text.ts';
import type { Draft } from './draft.ts';
import { type Entry, isMap } from './foreign.ts';
import { literal } from './names.ts';

const PLACE = ['training', 'command'];

/**
 * What a trial runs: the command of the template's primary container.
 * https://www.kubeflow.org/docs/components/katib/user-guides/trial-template/
 * @param names the placeholder of each parameter, by Katib's name for it
 * @param path what the program writes to and the collector reads; null: nothing
 */
export function katibTemplate(
  draft: Draft,
  entry: Entry | undefined,
  names: ReadonlyMap<string, string>,
  path: string | null,
): void {
  draft.set(['training', 'source'], '.', null, 'the folder with your code');
  const fields = entry?.map();
  const spec = fields?.take('trialSpec');
  const wanted = fields?.take('primaryContainerName')?.string() ?? 'training-container';
  const references = referencesOf(fields?.take('trialParameters'), names);
  const config = fields?.take('configMap');
  if (config !== undefined) draft.drop(PLACE, [config], 'refers to another file; write its command here');
  const containers = spec === undefined ? [] : containersOf(spec);
  const container = containers.find((one) => isMap(one.value) && one.value['name'] === wanted) ?? containers[0];
  if (spec === undefined || container === undefined) {
    draft.set(PLACE, ['python', 'train.py', '{args}'], null, 'a guess; write your own');
    if (config === undefined)
      draft.remark(PLACE, spec ?? entry ?? null, 'trialTemplate', 'has no container with a command; write your own');
  } else {
    primary(draft, container, new Filler(draft, references, path));
    others(draft, spec, containers.length);
  }
}

/** The placeholder of each name that a template uses. */
function referencesOf(entry: Entry | undefined, names: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    (entry?.list() ?? []).map((item) => {
      const fields = item.map();
      const reference = fields.need('reference');
      const meta = /^\$\{(.+)\}$/.exec(reference.string())?.[1];
      const placeholder = meta === undefined ? names.get(reference.string()) : (META[meta] ?? '');
      if (placeholder === undefined)
        throw reference.refusal(`the name of a parameter: ${[...names.keys()].join(', ')}`);
      return [fields.need('name').string(), placeholder];
    }),
  );
}

/** What a template may ask about its own trial. */
const META: Readonly<Record<string, string>> = { 'trialSpec.Name': 'TRIAL_ID' };

/** Every container in a job of whatever kind, the first of a kind first. */
function containersOf(entry: Entry): Entry[] {
  if (Array.isArray(entry.value)) return entry.list().flatMap(containersOf);
  if (!isMap(entry.value)) return [];
  return entry
    .map()
    .rest()
    .flatMap((child) => (child.key === 'containers' ? child.list() : containersOf(child)));
}

function primary(draft: Draft, container: Entry, fill: Filler): void {
  const fields = container.map();
  fields.take('name');
  const [command, args, env, image, resources] = ['command', 'args', 'env', 'image', 'resources'].map((key) =>
    fields.take(key),
  );
  const words = [...(command?.list() ?? []), ...(args?.list() ?? [])].map((word) => fill.text(word, PLACE));
  if (words.length === 0)
    draft.set(PLACE, ['python', 'train.py', '{args}'], null, "the image's own command is not known");
  else draft.set(PLACE, words, command ?? args!);
  if (command === undefined)
    draft.remark(PLACE, container, container.text, "runs the image's own command; put that program first");
  for (const item of env?.list() ?? []) {
    const variable = item.map();
    const name = variable.need('name').string();
    const value = variable.take('value');
    const place = ['training', 'environment', name];
    if (value !== undefined) draft.set(place, fill.text(value, place), value);
    draft.drop(
      ['training', 'environment'],
      variable.rest(),
      `${name} has no counterpart here; a secret is { secret: NAME }`,
    );
  }
  if (image !== undefined)
    draft.drop(
      [],
      [image],
      `${image.string()}: list its packages in training.requirements, or deploy it as your own image`,
    );
  gpus(draft, resources);
  draft.drop(PLACE, fields.rest());
}

function gpus(draft: Draft, resources: Entry | undefined): void {
  const fields = resources?.map();
  const limits = fields?.take('limits')?.map();
  const gpu = limits?.take('nvidia.com/gpu');
  if (gpu === undefined) draft.set(['compute', 'profile'], 'cpu', null, 'its container asks for no GPU');
  else draft.set(['compute', 'gpus'], BigInt(gpu.whole()), gpu);
  const rest = [...(limits?.rest() ?? []), ...(fields?.rest() ?? [])];
  draft.drop(['compute'], rest, "has no counterpart: the deployment's profile decides");
}

/** What else a template says of how the job runs on Kubernetes. */
function others(draft: Draft, spec: Entry, containers: number): void {
  const kind = isMap(spec.value) ? spec.value['kind'] : undefined;
  if (kind !== undefined && kind !== 'Job')
    draft.remark(
      ['compute'],
      spec,
      spec.text,
      `a ${String(kind)} of several pods has no counterpart: a trial is one container on one host`,
    );
  else if (containers > 1) draft.remark(PLACE, spec, spec.text, 'only the primary one of its containers is used');
  draft.remark([], spec, spec.text, 'pod settings (restart policy, volumes, labels) have no counterpart');
}

class Filler {
  readonly #draft: Draft;
  readonly #references: ReadonlyMap<string, string>;
  /** The folder at the root of the host that the collector's path is in. */
  readonly #root: string | null;

  constructor(draft: Draft, references: ReadonlyMap<string, string>, path: string | null) {
    this.#draft = draft;
    this.#references = references;
    this.#root = /^\/[^/]+/.exec(path ?? '')?.[0] ?? null;
  }

  /** A text of the template with our placeholders, and with the collector's path in the program's own folder. */
  text(entry: Entry, place: readonly string[]): string {
    const parts = entry.string().split(/(\$\{trialParameters\.[^}]*\})/);
    return parts
      .map((part) => {
        const name = /^\$\{trialParameters\.(.*)\}$/.exec(part)?.[1];
        if (name === undefined) return this.#inOwnFolder(literal(part));
        const placeholder = this.#references.get(name);
        if (placeholder === undefined)
          throw entry.refusal(`trialParameters that the template declares: ${[...this.#references.keys()].join(', ')}`);
        if (placeholder === '')
          this.#draft.remark(
            place,
            entry,
            part,
            'properties of the Kubernetes job have no counterpart; left empty here',
          );
        return placeholder === '' ? '' : `{${placeholder}}`;
      })
      .join('');
  }

  #inOwnFolder(text: string): string {
    const root = this.#root;
    if (root === null) return text;
    return text.replaceAll(new RegExp(`(?<![\\w.])${escapedForPattern(root)}(?=/|$)`, 'g'), root.slice(1));
  }
}
