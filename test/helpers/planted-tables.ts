import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../src/util/random';

/**
 * Tables of a made-up study in a new folder: seven tumors (three high, planted effect in z1), four days each, tracks of three time
 * points. `z.csv` has path and z1 … z6 alone; `cells.csv` the rest; `shape.csv` a weaker rival of two columns, with one cell missing.
 */
export function plantedTables({ effect = 1.5, cells = 48, seed = 1, dayShift = 0, days = 4 } = {}): {
  folder: string;
  z: string;
  cells: string;
  shape: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'lch-planted-'));
  const random = seededRandom(seed);
  const shifts = Array.from({ length: days }, () =>
    Array.from({ length: 6 }, () => dayShift * random.normal()),
  );
  const z = ['path,z1,z2,z3,z4,z5,z6'];
  const known = ['path,cell_type,metastatic_efficiency,tumor,date,track,area'];
  const shape = ['path,size,roundness'];
  for (let t = 0; t < 7; t++) {
    for (let i = 0; i < cells; i++) {
      const day = i % days;
      const features = shifts[day].map((shift) => shift + random.normal());
      const high = t < 3;
      if (high) features[0] += effect;
      const path = `images/m${t}_${i}.png`;
      z.push([path, ...features].join());
      known.push(
        [
          path,
          `m${t}`,
          high ? 'high' : 'low',
          `m${t}`,
          `18010${day + 1}`,
          `t${Math.floor(i / 12)}`,
          100 + i,
        ].join(),
      );
      if (t > 0 || i > 0) {
        shape.push([`elsewhere/m${t}_${i}.png`, (high ? 0.5 : 0) + random.normal(), random.normal()].join());
      }
    }
  }
  const write = (name: string, lines: string[]) => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };
  return {
    folder,
    z: write('z.csv', z),
    cells: write('cells.csv', known),
    shape: write('shape.csv', shape),
  };
}
