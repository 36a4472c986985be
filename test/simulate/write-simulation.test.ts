import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { simulateCells } from '../../src/simulate/simulate-cells';
import { writeSimulation } from '../../src/simulate/write-simulation';
import { DataError, InterruptedError } from '../../src/util/errors';
import { silentProgress } from '../../src/util/progress';

const root = mkdtempSync(join(tmpdir(), 'lch-simulate-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** One sum over names and bytes of all files. */
function folderSum(folder: string): string {
  const hash = createHash('sha256');
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    if (/\.(png|csv|json)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

describe('writeSimulation', () => {
  it('writes the same bytes with no, two and three workers', async () => {
    const sums: string[] = [];
    for (const workers of [0, 2, 3]) {
      const folder = join(root, `workers-${workers}`);
      await writeSimulation({ cells: 60, size: 64, seed: 7 }, folder, { workers });
      assert.equal(readdirSync(join(folder, 'images')).length, 60);
      sums.push(folderSum(folder));
    }
    assert.equal(new Set(sums).size, 1);
  });

  it('writes the crops of the library call, and a package that says it is synthetic, with the table’s sum', async () => {
    const folder = join(root, 'package');
    const options = { cells: 6, size: 48, seed: 3, separation: 1 };
    await writeSimulation(options, folder);
    const simulation = simulateCells(options);
    const pixels = await sharp(join(folder, simulation.cells[5].path)).toColourspace('b-w').raw().toBuffer();
    assert.deepEqual(new Uint8Array(pixels), simulation.renderCrop(5));
    const table = readFileSync(join(folder, 'cells.csv'));
    const described = JSON.parse(readFileSync(join(folder, 'datapackage.json'), 'utf8'));
    assert.match(described.title, /^Synthetic cells/);
    assert.match(described.synthetic.generator, /^live-cell-histology .*, lch simulate$/);
    assert.equal(described.synthetic.seed, 3);
    assert.equal(described.synthetic.separation, 1);
    const sum = createHash('sha256').update(table).digest('hex');
    assert.equal(described.resources[0].hash, `sha256:${sum}`);
    assert.equal(described.resources[0].bytes, table.length);
  });

  it('interrupted, leaves whole images only and no table, in this thread and in workers', async () => {
    for (const workers of [0, 2]) {
      const folder = join(root, `interrupted-${workers}`);
      const abort = new AbortController();
      const progress = { ...silentProgress, update: (done: number) => done >= 10 && abort.abort() };
      const run = writeSimulation({ cells: 4000, size: 64, seed: 7 }, folder, {
        workers,
        progress,
        signal: abort.signal,
      });
      await assert.rejects(run, InterruptedError);
      assert.ok(!existsSync(join(folder, 'cells.csv')) && !existsSync(join(folder, 'datapackage.json')));
      const images = readdirSync(join(folder, 'images'));
      assert.ok(images.length >= 10 && images.length < 4000);
      for (const name of images) {
        assert.match(name, /^\d{6}_.*\.png$/); // nothing half-written beside them
        assert.equal(
          readFileSync(join(folder, 'images', name))
            .subarray(-8, -4)
            .toString('latin1'),
          'IEND',
        );
      }
    }
  });

  it('names the folder that cannot be written, also from a worker', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    for (const workers of [0, 2]) {
      const run = writeSimulation({ cells: 20, size: 32, seed: 1 }, join(file, 'below'), { workers });
      await assert.rejects(run, (error) => error instanceof DataError && error.message.includes('below'));
    }
  });
});
