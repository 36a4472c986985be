/** Content of kernel_info_reply. Made without loading TypeScript, so that the kernel answers at once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../util/files';
import { type Content, PROTOCOL_VERSION } from './protocol/message';

export function kernelInfo(): Content {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const typescript = JSON.parse(readFileSync(require.resolve('typescript/package.json'), 'utf8')).version;
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'lch',
    implementation_version: version,
    language_info: {
      name: 'typescript',
      version: typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      // `mode` is read by JupyterLab, `name` and `typescript` by the classic notebook
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `Live Cell Histology ${version}: TypeScript ${typescript} on Node ${process.versions.node}`,
    help_links: [
      { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/' },
      { text: 'Node.js API', url: 'https://nodejs.org/docs/latest/api/' },
    ],
    debugger: false,
    supported_features: [],
  };
}
