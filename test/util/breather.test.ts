import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breather } from '../../src/util/breather';
import { InterruptedError } from '../../src/util/errors';

describe('breather', () => {
  it('lets an abort through that comes while a loop is busy', async () => {
    const controller = new AbortController();
    const breathe = breather(controller.signal, 'count');
    setTimeout(() => controller.abort(), 0);
    let steps = 0;
    await assert.rejects(
      async () => {
        for (; steps < 1e9; steps++) await breathe();
      },
      (error: Error) => error instanceof InterruptedError && error.message === 'count: interrupted',
    );
    assert.ok(steps > 0);
  });
});
