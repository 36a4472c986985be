// TypeScript → dist/ (CommonJS with types).
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMarked, mark, root, runChild, SetupError, sumOf } from './context.mjs';

const marker = join(root, 'dist', '.lch-built');

function inputs() {
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => /\.(ts|json)$/.test(name))
    .sort()
    .map((name) => join(root, 'src', name));
  return sumOf(
    join(root, 'tsconfig.json'),
    join(root, 'package-lock.json'),
    ...sources.flatMap((path) => [path, path.slice(root.length)]),
  );
}

export const build = {
  name: 'library',
  isDone: () => existsSync(join(root, 'dist', 'index.js')) && isMarked(marker, inputs()),
  async run() {
    const sum = inputs();
    try {
      await runChild('tsc', process.execPath, [
        join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
        '-p',
        'tsconfig.json',
      ]);
    } catch (error) {
      throw new SetupError(`the library does not compile:\n${error.message}`);
    }
    mark(marker, sum);
  },
};
