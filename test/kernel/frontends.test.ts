import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/util/files';
import { findPython, kernelEnvironment, runChecks } from './jupyter';

const found = findPython('nbformat', 'nbclient');

test('notebooks run under nbclient, nbconvert, papermill and jupyter console', {
  skip: 'skip' in found && found.skip,
}, async (t) => {
  if ('skip' in found) return;
  const { folder, environment } = kernelEnvironment();
  const site = installPapermillTranslator(folder);
  await runChecks(t, found.python, 'frontends.py', { ...environment, PYTHONPATH: site });
});

/** What `pip install scripts/papermill` does, in a folder of its own. */
function installPapermillTranslator(folder: string): string {
  const site = join(folder, 'site');
  const info = join(site, 'lch_papermill-0.1.0.dist-info');
  mkdirSync(info, { recursive: true });
  const source = join(packageRoot(), 'scripts', 'papermill');
  copyFileSync(join(source, 'lch_papermill.py'), join(site, 'lch_papermill.py'));
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: lch-papermill\nVersion: 0.1.0\n');
  writeFileSync(join(info, 'entry_points.txt'), '[papermill.engine]\nlch = lch_papermill:Engine\n');
  return site;
}
