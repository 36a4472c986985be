// The notebook kernel's specification inside the project's Python environment, so that its JupyterLab offers it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, SetupError, venv } from './context.mjs';

const specification = join(venv, 'share', 'jupyter', 'kernels', 'lch', 'kernel.json');

export const kernel = {
  name: 'notebook kernel',
  isDone() {
    if (!existsSync(specification)) return false;
    const { argv } = JSON.parse(readFileSync(specification, 'utf8'));
    // written for another Node or another place of this folder: write it anew
    return argv[0] === process.execPath && argv.some((word) => word.startsWith(root));
  },
  async run() {
    try {
      const { installKernel } = createRequire(import.meta.url)(join(root, 'dist', 'kernel', 'install.js'));
      await installKernel({ prefix: venv });
    } catch (error) {
      throw new SetupError(`the kernel specification could not be written to ${venv}: ${error.message}`);
    }
  },
};
