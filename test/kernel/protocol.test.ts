import { test } from 'node:test';
import { findPython, kernelEnvironment, runChecks } from './jupyter';

const found = findPython('jupyter_kernel_test', 'jupyter_client');

test('the kernel through jupyter_client', { skip: 'skip' in found && found.skip }, async (t) => {
  if ('skip' in found) return;
  const { environment } = kernelEnvironment();
  await runChecks(t, found.python, 'protocol.py', environment);
});
