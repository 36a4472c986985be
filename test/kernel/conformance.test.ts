import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPython, kernelEnvironment, runChecks } from './jupyter';

const found = findPython('jupyter_kernel_test', 'jupyter_client');

test('jupyter_kernel_test passes all twelve tests and iopub_welcome, none skipped', {
  skip: 'skip' in found && found.skip,
}, async (t) => {
  if ('skip' in found) return;
  const { environment } = kernelEnvironment();
  const results = await runChecks(t, found.python, 'conformance.py', environment);
  assert.equal(results.length, 13);
  assert.equal(results.filter(({ outcome }) => outcome === 'passed').length, 13);
});
