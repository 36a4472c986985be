/** `lch kernel`: tells Jupyter about the notebook kernel. */
import { installKernel, listKernels, removeKernel } from '../kernel/install';
import { OptionError } from '../util/errors';
import { defineCommand } from './command';

export const kernelCommand = defineCommand({
  name: 'kernel',
  summary:
    'Installs, lists or removes the notebook kernel "lch" for JupyterLab, Notebook, VS Code and consoles.',
  details:
    'install   writes the kernelspec: --user (default) for every Jupyter of yours, --sys-prefix for the active Python environment, ' +
    '--prefix DIR for another\nlist      shows where it is installed, and what is wrong there\nremove    deletes it from that place',
  options: {
    action: { type: 'choice', choices: ['install', 'list', 'remove'], default: 'list', help: 'What to do.' },
    user: { type: 'boolean', help: 'The user’s own Jupyter folder.' },
    'sys-prefix': { type: 'boolean', help: 'The active Python environment (venv or conda).' },
    prefix: {
      type: 'string',
      placeholder: 'DIR',
      help: 'Any prefix: DIR/share/jupyter/kernels.',
      path: true,
    },
  },
  positional: ['action'],
  examples: ['lch kernel install --user', 'lch kernel list', 'lch kernel remove --user'],
  async run({ action, user, sysPrefix, prefix }, { print }) {
    if (action === 'list') {
      const kernels = listKernels();
      for (const { folder, node, problem } of kernels) print(`${folder}  ${problem ?? `run by ${node}`}`);
      if (kernels.length === 0)
        print('the kernel is not installed anywhere Jupyter looks; lch kernel install does it');
      return { kernels };
    }
    if ([user, sysPrefix, prefix !== undefined].filter(Boolean).length > 1) {
      throw new OptionError('lch kernel: give at most one of --user, --sys-prefix and --prefix');
    }
    const place = { user, sysPrefix, ...(prefix === undefined ? {} : { prefix }) };
    if (action === 'install') {
      const folder = installKernel(place);
      print(`kernel lch in ${folder}; choose "TypeScript (Live Cell Histology)" in JupyterLab`);
      return { installed: folder };
    }
    const removed = removeKernel(place);
    print(removed.length > 0 ? `removed ${removed.join(', ')}` : 'there was no kernel lch in that place');
    return { removed };
  },
});
