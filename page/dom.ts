type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>;
type Content = Node | string | null | readonly Content[];

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element. Texts become text nodes, so nothing of a sweep is ever read as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  set(element, attributes);
  add(element, content);
  return element;
}

/** A name whose lines may break behind its dots, dashes and underscores rather than within a word. */
export const breakable = (name: string): HTMLElement =>
  h('bdi', {}, ...name.split(/(?<=[_./-])/).flatMap((part, index) => (index === 0 ? [part] : [h('wbr'), part])));

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...content: readonly Content[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  set(element, attributes);
  add(element, content);
  return element;
}

/** `null`, `undefined` and `false` leave the attribute out; a function listens to the event of that name. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

function add(element: Element, content: readonly Content[]): void {
  for (const item of content) {
    if (item === null) continue;
    if (Array.isArray(item)) add(element, item);
    else element.append(item as Node | string);
  }
}

/** A button that copies a text and says that it did. */
export function copyButton(label: string, text: string): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'copy' }, label);
  const status = h('span', { class: 'unseen', role: 'status' });
  button.addEventListener('click', async () => {
    const copied = await copy(text);
    button.textContent = copied ? 'Copied' : 'Copying failed';
    status.textContent = button.textContent;
    button.append(status);
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
  return button;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that was opened in a frame or an old browser: the older way needs a selection.
    const area = h('textarea', { class: 'unseen', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}

/** A command with its copy button. */
export function command(text: string, label = 'Copy'): HTMLElement {
  return h('div', { class: 'command' }, h('code', {}, text), copyButton(label, text));
}
