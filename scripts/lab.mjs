// npm run lab: JupyterLab of the project's own Python environment, on the notebooks. Further words go to JupyterLab.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, venvPython } from './setup/context.mjs';

const child = spawn(
  venvPython,
  [
    '-m',
    'jupyterlab',
    `--notebook-dir=${join(root, 'notebooks')}`,
    '--MultiKernelManager.default_kernel_name=lch',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
