import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { saveWeights, writeModelDescription } from '../../src/autoencoder/model-files';
import { exportCommand } from '../../src/commands/export';
import { loadBackend } from '../../src/compute';
import { seededRandom } from '../../src/util/random';
import { runCommand } from '../helpers/run-command';

describe('lch export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-export-'));
  const at = (name: string) => join(folder, name);
  before(async () => {
    await loadBackend();
    const architecture = {
      imageSize: 16,
      channels: [4, 4],
      latentDims: 5,
      adversaryWidths: [4, 4, 4] as const,
    };
    const model = buildAutoencoder(architecture, seededRandom(1));
    await saveWeights(at('run'), model, 1);
    model.dispose();
    const description = {
      format: 'live-cell-histology/autoencoder',
      architecture,
      preprocessing: { align: true },
    };
    writeModelDescription(at('run'), description as unknown as Parameters<typeof writeModelDescription>[1]);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('writes both formats with a note on what goes in', async () => {
    const { lines } = await runCommand(exportCommand, ['--model', at('run'), '--out', at('onnx')]);
    assert.match(lines.join(), /encoder\.onnx, decoder\.onnx in /);
    assert.deepEqual(readdirSync(at('onnx')).sort(), ['decoder.onnx', 'encoder.onnx', 'export.json']);
    await runCommand(exportCommand, ['--model', at('run'), '--format', 'tfjs', '--out', at('web')]);
    assert.deepEqual(readdirSync(at('web/encoder')).sort(), ['model.json', 'weights.bin']);
    const { preprocessing } = JSON.parse(readFileSync(at('web/export.json'), 'utf8'));
    assert.match(preprocessing, /resized to 16×16 .*align/);
    await assert.rejects(
      runCommand(exportCommand, ['--model', at('run'), '--out', at('onnx')]),
      /is not empty; choose another --out/,
    );
  });
});
