// Writes the parts of docs/ that are made of schemas and declarations: the spec's keys, the deployment's configuration, the
// commands.
//
//   node tools/node24.mjs tools/docs.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GENERATED, withGenerated } from './generated-docs.ts';

for (const { file, name, text } of GENERATED) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  writeFileSync(path, withGenerated(readFileSync(path, 'utf8'), name, text()));
}
