import { cleanText, commitText } from '../../core/layout/git-state.ts';
import type { ReportData } from '../../core/report/data.ts';
import { machineText, mainPackages } from '../../core/trial/provenance.ts';
import { h } from '../dom.ts';
import { plural, shorten } from '../format.ts';
import { terms } from '../panel.ts';

/** Where the code came from, who ran it, and what its first trial ran on; nothing where none of it is known. */
export function provenance({ provenance: found, spec: { author } }: ReportData): HTMLElement[] {
  const { git, python, machine } = found ?? {};
  const packages = Object.entries(python?.packages ?? {});
  const main = mainPackages(python?.packages ?? {});
  const said: [string, string][] = [
    ...(author === undefined ? [] : [['Run by', author] as [string, string]]),
    ...(git === undefined
      ? []
      : ([
          ['Commit', commitText(git)],
          ['Working tree', cleanText(git)],
          ...(git.remote === null ? [] : [['Repository', git.remote]]),
        ] as [string, string][])),
    ...(python === undefined ? [] : [['Python', python.version] as [string, string]]),
    ...(main === '' ? [] : [['Main packages', main] as [string, string]]),
    ...(machine === undefined ? [] : [['First trial ran on', machineText(machine)] as [string, string]]),
  ];
  if (said.length === 0) return [];
  return [
    h('h3', {}, 'Where it comes from'),
    terms(
      said.map(([term, value]) => [term, h('bdi', {}, shorten(value, 500))] as const),
      'parameters',
    ),
    ...(packages.length === 0 ? [] : [packageList(packages)]),
  ];
}

const packageList = (packages: readonly (readonly [name: string, version: string])[]): HTMLElement =>
  h(
    'details',
    {},
    h('summary', {}, `All ${plural(packages.length, 'package')}`),
    h(
      'pre',
      { tabindex: '0', role: 'group', 'aria-label': 'Packages' },
      packages.map(([name, version]) => `${name}==${version}`).join('\n'),
    ),
  );
