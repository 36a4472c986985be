/**
 * Snapshots of every chart kind. A change of a picture shows as a change of its snapshot: look at the picture, then accept all with
 *
 *   LCH_ACCEPT_PICTURES=1 node scripts/test.mjs vega-lite-figures
 *
 * which also writes the pictures as PNG into the build folder's `pictures`, to be looked at.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { renderPng, renderSvg } from '../../src/plots/render-vega-lite';
import { packageRoot, writeFileAtomic } from '../../src/util/files';
import { demoFigures } from './demo-figures';
import { textOutside } from './text-outside';

const folder = join(packageRoot(), 'test', 'plots', 'snapshots');
const pictures = resolve(__dirname, '../../pictures');
const accept = process.env.LCH_ACCEPT_PICTURES === '1';

for (const [name, spec] of Object.entries(demoFigures(12))) {
  describe(`figure ${name}`, () => {
    it('has the accepted specification, numbers rounded to four digits', async () => {
      const text = `${JSON.stringify(spec, rounded, 1)}\n`;
      const path = join(folder, `${name}.vl.json`);
      if (accept) {
        writeFileAtomic(path, text);
        writeFileAtomic(join(pictures, `${name}.png`), await renderPng(spec));
        return;
      }
      assert.ok(existsSync(path), `no snapshot ${name}.vl.json; accept it with LCH_ACCEPT_PICTURES=1`);
      assert.equal(text, readFileSync(path, 'utf8'));
    });

    it('keeps every label inside the picture and whole', async () => {
      const svg = await renderSvg(spec);
      assert.deepEqual(textOutside(svg), []);
      assert.ok(!svg.includes('…'), 'a label was cut off');
    });
  });
}

/** Four significant digits: arithmetic may differ in the last bits between processors. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
