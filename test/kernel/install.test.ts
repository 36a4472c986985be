import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { installKernel, listKernels, removeKernel } from '../../src/kernel/install';

const KEPT = ['JUPYTER_DATA_DIR', 'JUPYTER_PATH', 'VIRTUAL_ENV', 'CONDA_PREFIX'];

describe('installing the kernel', () => {
  const before: NodeJS.ProcessEnv = {};
  let folder = '';

  beforeEach(() => {
    for (const name of KEPT) before[name] = process.env[name];
    folder = mkdtempSync(join(tmpdir(), 'lch-install-'));
    for (const name of KEPT) delete process.env[name];
    process.env.JUPYTER_DATA_DIR = join(folder, 'user');
  });
  afterEach(() => {
    for (const name of KEPT) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it('writes a kernelspec with logos under a prefix', () => {
    const spec = installKernel({ prefix: folder, nodePath: process.execPath });
    assert.equal(spec, join(folder, 'share', 'jupyter', 'kernels', 'lch'));
    const { argv, language, interrupt_mode, display_name } = JSON.parse(
      readFileSync(join(spec, 'kernel.json'), 'utf8'),
    );
    assert.equal(argv[0], process.execPath);
    assert.match(argv[1], /bin[\\/]lch-kernel\.js$/);
    assert.equal(argv[2], '{connection_file}');
    assert.deepEqual([language, interrupt_mode], ['typescript', 'message']);
    assert.match(display_name, /TypeScript/);
    for (const [name, width] of [
      ['logo-32x32.png', 32],
      ['logo-64x64.png', 64],
    ] as const) {
      const png = readFileSync(join(spec, name));
      assert.equal(png.readUInt32BE(16), width);
    }
    assert.match(readFileSync(join(spec, 'logo-svg.svg'), 'utf8'), /^<svg/);
  });

  it('installs for the user by default, lists it and removes it', () => {
    const spec = installKernel();
    assert.equal(spec, join(folder, 'user', 'kernels', 'lch'));
    assert.deepEqual(listKernels().find((kernel) => kernel.folder === spec)?.node, process.execPath);
    assert.deepEqual(removeKernel({ user: true }), [spec]);
    assert.equal(existsSync(spec), false);
    assert.deepEqual(removeKernel({ user: true }), []);
  });

  it('installs into the active Python environment', () => {
    process.env.VIRTUAL_ENV = join(folder, 'venv');
    assert.equal(
      installKernel({ sysPrefix: true }),
      join(folder, 'venv', 'share', 'jupyter', 'kernels', 'lch'),
    );
  });

  it('says what is wrong with a kernelspec whose Node is gone', () => {
    installKernel({ user: true, nodePath: join(folder, 'old-node') });
    const listed = listKernels().find((kernel) => kernel.folder.startsWith(folder));
    assert.match(listed?.problem ?? '', /old-node is gone; install again/);
  });

  it('leaves a kernel of another maker that is called lch alone', () => {
    const spec = join(folder, 'user', 'kernels', 'lch');
    mkdirSync(spec, { recursive: true });
    writeFileSync(join(spec, 'kernel.json'), '{"argv":["python","-m","other"]}');
    assert.deepEqual(removeKernel({ user: true }), []);
    assert.equal(existsSync(spec), true);
  });

  it('refuses two places at once', () => {
    assert.throws(() => installKernel({ user: true, prefix: folder }), {
      name: 'OptionError',
      message: 'kernel install: choose one of --user, --sys-prefix and --prefix',
    });
  });
});
