/** The environment of a live kernel with displays, widgets and the real library in its cells. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../src/util/files';
import { kernelEnvironment } from '../kernel/jupyter';

/** The library as it was just compiled, with the types of the built one (tests are compiled without types). */
export function notebookEnvironment(): { folder: string; environment: NodeJS.ProcessEnv } {
  const { folder, environment } = kernelEnvironment();
  const library = join(folder, 'library');
  const source = resolve(__dirname, '../../src');
  mkdirSync(library);
  writeFileSync(
    join(library, 'index.js'),
    `module.exports = require(${JSON.stringify(join(source, 'index.js'))});`,
  );
  writeFileSync(
    join(library, 'index.d.ts'),
    `export * from ${JSON.stringify(join(packageRoot(), 'dist', 'index'))};`,
  );
  return {
    folder,
    environment: {
      ...environment,
      LCH_LIBRARY: library,
      LCH_EXTENSION: join(source, 'extension.js'),
    },
  };
}
