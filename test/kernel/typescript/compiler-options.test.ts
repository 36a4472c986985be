import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import {
  cellCompilerOptions,
  languageOfNode,
  readProjectOptions,
} from '../../../src/kernel/typescript/compiler-options';

const library = { name: 'live-cell-histology', types: '/x/index.d.ts' };

describe('compiler options of cells', () => {
  it('take strictness, paths and JSX from a tsconfig.json above, and leave the rest', () => {
    const root = mkdtempSync(join(tmpdir(), 'lch-options-'));
    const folder = join(root, 'notebooks');
    mkdirSync(folder);
    writeFileSync(
      join(root, 'tsconfig.json'),
      '{ "compilerOptions": { "strict": true, "noUnusedLocals": true, "module": "amd", "outDir": "x", "lib": ["dom", "es5"] } }',
    );
    const options = cellCompilerOptions({ module: ts.ModuleKind.ESNext }, folder, library);
    assert.equal(options.strict, true);
    assert.equal(options.noUnusedLocals, undefined);
    assert.equal(options.module, ts.ModuleKind.ESNext);
    assert.equal(options.outDir, undefined);
    assert.ok(options.lib?.includes('lib.dom.d.ts'));
    assert.ok(!options.lib?.includes('lib.es5.d.ts'));
    assert.deepEqual(options.paths, { 'live-cell-histology': ['/x/index.d.ts'] });
  });

  it('count a broken tsconfig.json as empty', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lch-options-'));
    writeFileSync(join(folder, 'tsconfig.json'), '{ broken');
    assert.doesNotThrow(() => readProjectOptions(folder));
  });

  it('follow the Node version', () => {
    assert.deepEqual(languageOfNode(20).lib, ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts']);
    assert.ok(languageOfNode(22).lib.includes('lib.es2024.d.ts'));
    assert.deepEqual(languageOfNode(24).lib, ['lib.esnext.d.ts']);
  });
});
