import { test } from 'node:test';
import { findPython, runChecks } from '../kernel/jupyter';
import { notebookEnvironment } from './notebook-kernel';

const found = findPython('jupyter_client');

test('displays, progress and widgets in a live kernel', {
  skip: 'skip' in found && found.skip,
}, async (t) => {
  if ('skip' in found) return;
  await runChecks(t, found.python, '../notebook/live.py', notebookEnvironment().environment);
});
