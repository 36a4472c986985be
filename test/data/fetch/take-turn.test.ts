import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { takeTurn } from '../../../src/data/fetch/take-turn';
import { temporaryFolder, writeFiles } from '../helpers/folders';

describe('takeTurn', () => {
  it('lets one after the other work', async () => {
    const cache = temporaryFolder();
    const steps: string[] = [];
    const work = (name: string) => () => {
      steps.push(`${name} begins`);
      return new Promise<void>((resolve) =>
        setImmediate(() => {
          steps.push(`${name} ends`);
          resolve();
        }),
      );
    };
    const waited: string[] = [];
    const waiting = (holder: string) => waited.push(holder);
    await Promise.all([
      takeTurn(cache, 'set', work('one'), { waiting }),
      takeTurn(cache, 'set', work('two'), { waiting }),
    ]);
    assert.deepEqual(steps, ['one begins', 'one ends', 'two begins', 'two ends']);
    assert.deepEqual(waited, [`${hostname()} process ${process.pid}`]);
    assert.ok(!existsSync(join(cache, 'turns/set')));
  });

  it('ends the turn when the work fails', async () => {
    const cache = temporaryFolder();
    await assert.rejects(
      takeTurn(cache, 'set', () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await takeTurn(cache, 'set', async () => 7), 7);
  });

  it('does not wait for a process of this machine that was killed', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const cache = writeFiles(temporaryFolder(), {
      'turns/set/holder': `${hostname()} process ${pid} 0a1b2c3d`,
    });
    assert.equal(await takeTurn(cache, 'set', async () => 7), 7);
  });

  it('does not wait for a process of another machine that gave no sign for long', async () => {
    const cache = writeFiles(temporaryFolder(), { 'turns/set/holder': 'node17 process 1 0a1b2c3d' });
    utimesSync(join(cache, 'turns/set'), 1000, 1000);
    assert.equal(await takeTurn(cache, 'set', async () => 7), 7);
  });

  it('can be interrupted while it waits', async () => {
    const cache = writeFiles(temporaryFolder(), { 'turns/set/holder': 'node17 process 1 0a1b2c3d' });
    const stop = new AbortController();
    const waiting = () => stop.abort();
    await assert.rejects(
      takeTurn(cache, 'set', async () => 7, { signal: stop.signal, waiting }),
      {
        name: 'InterruptedError',
        message: /waiting for node17 process 1/,
      },
    );
  });
});
