import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/util/files';
import { findPython, kernelEnvironment, runChecks } from '../kernel/jupyter';

const found = findPython('jupyter_client');

test('magics in a live kernel', { skip: 'skip' in found && found.skip }, async (t) => {
  if ('skip' in found) return;
  const { environment } = kernelEnvironment();
  await runChecks(t, found.python, '../magics/magics.py', {
    ...environment,
    // the types of the library as it was built; its code is the one just compiled
    LCH_LIBRARY: join(packageRoot(), 'dist'),
    LCH_EXTENSION: join(__dirname, '..', '..', 'src', 'extension.js'),
  });
});
