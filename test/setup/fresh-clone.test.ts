import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = resolve(__dirname, '../../..');

/** Runs a script in the clone; `interruptAt` sends Ctrl-C once that text has been written. */
function run(
  clone: string,
  words: string[],
  { env = {}, interruptAt = '' }: { env?: Record<string, string>; interruptAt?: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    // a process group of its own, so that Ctrl-C reaches the children too, as on a terminal
    const child = spawn(process.execPath, words, {
      cwd: clone,
      env: { ...process.env, ...env },
      detached: true,
    });
    let [stdout, stderr] = ['', ''];
    let interrupted = false;
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (!interruptAt || interrupted || !stderr.includes(interruptAt)) return;
      interrupted = true;
      setTimeout(() => process.kill(-(child.pid as number), 'SIGINT'), 1500);
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

const git = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
const needsGit = git.status === 0 ? false : 'needs git and a checkout, to know which files a clone has';

describe('a fresh clone', { skip: needsGit }, () => {
  let clone = '';
  const setup = ['scripts/setup.mjs'];

  before(() => {
    clone = mkdtempSync(join(tmpdir(), 'lch-clone-'));
    for (const file of git.stdout.split('\0').filter((name) => name && existsSync(join(root, name)))) {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      cpSync(join(root, file), join(clone, file));
    }
  });
  after(() => rmSync(clone, { recursive: true, force: true }));

  it('lch says that it is not set up yet', async () => {
    const { code, stderr } = await run(clone, ['bin/lch.js', 'doctor']);
    assert.equal(code, 1);
    assert.match(stderr, /^lch is not set up yet; run npm start once in its folder\n$/);
  });

  it('without Python, set-up names what is missing and the command that installs it', async () => {
    const few = join(clone, 'few-programs');
    mkdirSync(few);
    for (const name of ['node', 'npm', 'sh', 'env', 'bash']) {
      const found = (process.env.PATH ?? '')
        .split(delimiter)
        .map((folder) => join(folder, name))
        .find(existsSync);
      if (found) symlinkSync(found, join(few, name));
    }
    // past the npm step, which is tested below
    const { code, stderr } = await run(
      clone,
      [
        '--input-type=module',
        '-e',
        'const { pythonPackages } = await import("./scripts/setup/python-venv.mjs"); await pythonPackages("jupyter", "x").run().catch((error) => { console.error(error.message); process.exit(1); });',
      ],
      { env: { PATH: few } },
    );
    assert.equal(code, 1);
    assert.match(stderr, /no python3 was found.*\n {2}sudo apt-get install python3 python3-venv\n/);
    rmSync(few, { recursive: true });
  });

  it('Ctrl-C in the middle is told in one line, and the next run completes everything', async () => {
    const first = await run(clone, setup, { interruptAt: 'npm packages …' });
    assert.equal(first.code, 130, first.stderr);
    assert.match(
      first.stderr,
      /set-up: interrupted; run the same command again and it goes on where it stopped\n$/,
    );
    const second = await run(clone, setup);
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr, /set-up: ready \(\d+ s\)\n$/);
    assert.ok(existsSync(join(clone, 'dist', 'index.js')));
    assert.ok(existsSync(join(clone, '.venv', 'share', 'jupyter', 'kernels', 'lch', 'kernel.json')));
  });

  it('a further run does nothing and says nothing', async () => {
    const { code, stdout, stderr } = await run(clone, setup);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  });

  it('computes natively, and finds JupyterLab and its kernel', async () => {
    const { code, stdout } = await run(clone, ['bin/lch.js', 'doctor', '--json']);
    assert.equal(code, 0);
    const report = JSON.parse(stdout);
    if (process.platform === 'linux') {
      assert.equal(report.backend, 'tensorflow');
      const [major, minor] = report.tensorflow.split('.').map(Number);
      assert.ok(major > 2 || minor >= 18, report.tensorflow);
    }
    assert.ok(report.gflops.conv > 0 && report.gflops.matmul > 0);
    assert.equal(report.jupyter, '4.6.6');
    assert.equal(report.kernel.installed, true);
  });

  it('leaves no file that git would show', () => {
    const shown = readdirSync(clone).filter(
      (name) => !existsSync(join(root, name)) && !['node_modules', 'dist', '.venv'].includes(name),
    );
    assert.deepEqual(shown, []);
  });
});
