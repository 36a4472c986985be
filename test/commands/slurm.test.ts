import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runLch } from '../helpers/run-lch';

const folder = mkdtempSync(join(tmpdir(), 'lch-slurm-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script with stand-ins for npx and scontrol that write down how they were called. */
function runScript(script: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const calls = join(folder, 'calls');
  rmSync(calls, { force: true });
  for (const name of ['node', 'scontrol']) {
    writeFileSync(join(bin, name), `#!/bin/bash\necho ${name} "$(basename "$1")" "\${@:2}" >> ${calls}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const { status } = spawnSync('bash', [script], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  assert.equal(status, 0);
  return existsSync(calls) ? readFileSync(calls, 'utf8') : '';
}

describe('lch slurm', () => {
  it('writes a script that bash accepts, with what was asked for', async () => {
    const out = join(folder, 'train.sh');
    const { code } = await runLch([
      'slurm',
      '--command',
      'train --data crops --out run1 --preset paper',
      '--gpus',
      '2',
      '--time',
      '12:00:00',
      '--memory',
      '64',
      '--out',
      out,
    ]);
    assert.equal(code, 0);
    assert.equal(spawnSync('bash', ['-n', out]).status, 0);
    const script = readFileSync(out, 'utf8');
    for (const line of ['--gpus=2', '--time=12:00:00', '--mem=64G', '--requeue', '--signal=B:TERM@120']) {
      assert.ok(script.includes(`#SBATCH ${line}`), line);
    }
  });

  it('starts anew at first, and resumes once there is a model', () => {
    const out = join(folder, 'train.sh');
    assert.equal(runScript(out), 'node lch.js train --data crops --out run1 --preset paper\n');
    mkdirSync(join(folder, 'run1'));
    writeFileSync(join(folder, 'run1', 'model.json'), '{}');
    assert.equal(runScript(out), 'node lch.js train --data crops --out run1 --preset paper --resume\n');
  });

  it('refuses what could end up as something else in the script', async () => {
    for (const [words, message] of [
      [['--command', 'umap', '--name', 'a\n#SBATCH --x'], /--name may hold/],
      [['--command', 'umap\nrm -r x'], /must be one line/],
      [['--command', 'umap', '--time', 'soon'], /--time needs/],
    ] as const) {
      const { code, stderr } = await runLch(['slurm', ...words, '--out', join(folder, 'no.sh')]);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
      assert.ok(!existsSync(join(folder, 'no.sh')));
    }
  });
});
