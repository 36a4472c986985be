import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';

/** A folder imports lower ranks only; folders of one rank stay strangers. */
const ranks: Record<string, number> = {
  util: 0,
  compute: 1,
  stats: 1,
  plots: 1,
  simulate: 1,
  kernel: 1,
  data: 2,
  autoencoder: 2,
  latent: 3,
  classify: 3,
  interpret: 3,
  figures: 4,
  reproduce: 4,
  commands: 5,
  magics: 6,
  notebook: 6,
  cli: 6,
};
/** Interpretation reads descriptors and classifiers: these arrows within rank 3 are meant. */
const allowed = new Set(['interpret → latent', 'interpret → classify']);

describe('the layout', () => {
  it('has no import that points up, or sideways to another folder', () => {
    const src = resolve(__dirname, '../../src');
    const wrong: string[] = [];
    for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || !name.includes('/')) continue;
      const folder = name.split('/')[0];
      assert.ok(folder in ranks, `src/${folder} has no rank`);
      const text = readFileSync(join(src, name), 'utf8');
      for (const [, path] of text.matchAll(/(?:from|import\(|require\()\s*'(\.[^']*)'/g)) {
        const target = relative(src, resolve(dirname(join(src, name)), path)).split('/')[0];
        const sideways = target !== folder && ranks[target] === ranks[folder];
        const up = (ranks[target] ?? 7) > ranks[folder];
        if ((up || sideways) && !allowed.has(`${folder} → ${target}`)) wrong.push(`${name} imports ${path}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});
