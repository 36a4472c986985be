// npm packages from the lock file, without their install scripts (one of them downloads from a host of its own), and the project's
// own name inside node_modules, so that notebooks and `npx lch` find it.
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isMarked, mark, root, runChild, SetupError, sumOf } from './context.mjs';

const modules = join(root, 'node_modules');
const marker = join(modules, '.lch-installed');
const inputs = () => sumOf(join(root, 'package.json'), join(root, 'package-lock.json'));

export const nodePackages = {
  name: 'npm packages',
  isDone: () => isMarked(marker, inputs()) && existsSync(join(modules, 'live-cell-histology')),
  async run() {
    if (!isMarked(marker, inputs())) {
      // npm's own script when npm started us, so that the same npm goes on
      const npm = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : null;
      const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      try {
        await runChild('npm ci', npm ? process.execPath : 'npm', npm ? [npm, ...args] : args);
      } catch (error) {
        throw new SetupError(
          `npm packages could not be installed: ${error.message}\nIs the network up? Run the same command again; what npm has fetched is kept.`,
        );
      }
    }
    link(join(modules, 'live-cell-histology'), '..', 'junction');
    if (process.platform !== 'win32') {
      mkdirSync(join(modules, '.bin'), { recursive: true });
      link(join(modules, '.bin', 'lch'), '../../bin/lch.js', 'file');
    }
    mark(marker, inputs());
  },
};

function link(path, target, type) {
  if (lstatSync(path, { throwIfNoEntry: false })) rmSync(path, { recursive: false, force: true });
  symlinkSync(target, path, type);
}
