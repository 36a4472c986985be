// Stores what `npm start` showed in the notebooks of the repository: outputs without the injected parameters, times and places.
//
//   npm start && node scripts/store-notebooks.mjs [results]
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const results = resolve(process.argv[2] ?? join(root, 'results'));
const { cleanNotebook } = createRequire(import.meta.url)('../dist/reproduce/share/clean-notebook.js');

for (const name of readdirSync(join(root, 'notebooks')).filter((file) => file.endsWith('.ipynb'))) {
  const executed = join(results, 'notebooks', name);
  if (!existsSync(executed)) continue;
  const notebook = JSON.parse(readFileSync(executed, 'utf8'));
  notebook.cells = notebook.cells.filter((cell) => !cell.metadata?.tags?.includes('injected-parameters'));
  // the numbers in brackets count the injected cell, too
  let count = 0;
  for (const cell of notebook.cells) {
    if (cell.cell_type !== 'code') continue;
    cell.execution_count = ++count;
    for (const output of cell.outputs) if ('execution_count' in output) output.execution_count = count;
  }
  const { notebook: clean } = await cleanNotebook(notebook);
  writeFileSync(join(root, 'notebooks', name), `${JSON.stringify(clean, null, 1)}\n`);
  console.log(name);
}
