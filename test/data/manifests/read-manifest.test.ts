import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseCropName } from '../../../src/data/crop-name';
import { shippedManifests } from '../../../src/data/manifests/places';
import { readManifest } from '../../../src/data/manifests/read-manifest';
import { csvRows } from '../../../src/util/csv';
import {
  remoteResource,
  sha256,
  sharedFolder,
  someBytes,
  temporaryFolder,
  writeFiles,
  writeManifest,
} from '../helpers/folders';

const a = someBytes(100);
const file = (name: string) => remoteResource(name, a, `https://example.org/${name}`);

describe('the shipped manifests', () => {
  it('name the 100 published crops with their sums, sizes and two addresses each', () => {
    const { files, kind, licence } = readManifest('openlch-sample');
    const crops = files.filter(({ beside }) => !beside);
    assert.equal(kind, 'crops');
    assert.equal(crops.length, 100);
    assert.ok(crops.every(({ sha256, bytes, urls }) => sha256 && bytes && urls.length === 2));
    assert.ok(
      crops.every(({ urls }) =>
        urls.every((url) => url.includes('08d725be60bcad96d9ab2578f2b9451600ce4b5e')),
      ),
    );
    assert.match(licence, /carries no licence/);
  });

  const shared = sharedFolder();
  it('give the published crops the sums that were taken of them', {
    skip: shared ? false : 'the list of sums is not on this machine (LCH_SHARED)',
  }, () => {
    const crops = readManifest('openlch-sample').files.filter(({ beside }) => !beside);
    const lines = crops.map(({ file, sha256 }) => `${sha256}  ${file.replace('images/', '')}`).sort();
    const taken = readFileSync(join(shared ?? '', 'data/openlch-sample.sha256'), 'utf8')
      .trim()
      .split('\n')
      .sort();
    assert.deepEqual(lines, taken);
  });

  it('describe each published crop in cells.csv as its file name and cell-types.csv say', () => {
    const { files } = readManifest('openlch-sample');
    const types = new Map(
      rowsOf(join(shippedManifests(), 'cell-types.csv')).map((row) => [row.cell_type, row]),
    );
    const cells = rowsOf(files.find(({ name }) => name === 'cells')?.beside ?? '');
    assert.deepEqual(
      cells.map(({ path }) => path).sort(),
      files
        .filter(({ beside }) => !beside)
        .map(({ file }) => file)
        .sort(),
    );
    for (const cell of cells) {
      const { cellType: type, ...named } = parseCropName(cell.path) ?? { cellType: '' };
      for (const [column, value] of Object.entries(named))
        assert.equal(cell[column], String(value), cell.path);
      assert.equal(cell.cell_type, type);
      const known = types.get(type);
      assert.deepEqual(
        [cell.category, cell.metastatic_efficiency, cell.tumor],
        [known?.category, known?.metastatic_efficiency, known?.tumor],
      );
    }
  });

  it('mark what is not confirmed of the cell types', () => {
    const rows = rowsOf(join(shippedManifests(), 'cell-types.csv'));
    const pdx = rows.filter(({ category }) => category === 'PDX');
    const efficiency = pdx.map((row) => `${row.cell_type} ${row.metastatic_efficiency} ${row.confirmed}`);
    assert.deepEqual(efficiency, [
      'm405 high false',
      'm481 high true',
      'm498 low true',
      'm528 low false',
      'm597 low false',
      'm610 low true',
      'm634 high false',
    ]);
    assert.ok(rows.every(({ source, confirmed }) => source.includes('(?)') === (confirmed === 'false')));
  });

  it('describe cell-types.csv and the template for a lab as well', () => {
    assert.equal(readManifest(join(shippedManifests(), 'datapackage.json')).files[0].file, 'cell-types.csv');
    const template = readManifest(join(shippedManifests(), 'template'));
    assert.equal(template.files.length, 3);
  });

  it('leave the sum of downloads that publish none to the first download', () => {
    for (const name of ['openlch-sample-2000', 'openlch-pretrained-56']) {
      const { files } = readManifest(name);
      assert.deepEqual([files.length, files[0].sumAtFirstDownload, files[0].sha256], [1, true, undefined]);
    }
  });

  it('say with which options a synthetic set is drawn', () => {
    for (const name of ['synthetic-quick', 'synthetic-full']) {
      const { generator, files } = readManifest(name);
      assert.equal(generator?.command, 'simulate');
      assert.deepEqual(
        files.map(({ file }) => file),
        ['cells.csv'],
      );
    }
  });
});

describe('readManifest', () => {
  it('names the nearest data set when there is none of that name', () => {
    assert.throws(() => readManifest('openlch-sampel', { cache: temporaryFolder() }), {
      name: 'ManifestError',
      message:
        /^readManifest: there is no data set openlch-sampel, nor a file or folder of that name; nearest is openlch-sample \(there are .*synthetic-quick\)$/,
    });
  });

  it('refuses what the Data Package standard refuses, naming the place', () => {
    const path = writeManifest('set', [{ ...file('a.png'), bytes: 'many' }]);
    assert.throws(() => readManifest(path), {
      name: 'ManifestError',
      message:
        /datapackage\.json at \/resources\/0\/bytes must be integer \(the Data Package standard 2\.0\)$/,
    });
  });

  it('refuses resources that climb out of the folder', () => {
    const path = writeManifest('set', [{ name: 'a', path: '../a.png', hash: `sha256:${sha256(a)}` }]);
    assert.throws(() => readManifest(path), /\/resources\/0\/path must match pattern/);
    const other = writeManifest('set', [{ ...file('a.png'), lch: { file: '../a.png' } }]);
    assert.throws(
      () => readManifest(other),
      /resource a-png: its file "\.\.\/a\.png" climbs out with "\.\."/,
    );
  });

  it('refuses properties under "lch" that it does not know', () => {
    const path = writeManifest('set', [{ ...file('a.png'), lch: { mirror: 'https://example.org' } }]);
    assert.throws(() => readManifest(path), /at \/resources\/0\/lch must NOT have additional properties/);
  });

  it('refuses a download without a sum', () => {
    const path = writeManifest('set', [{ name: 'a', path: 'https://example.org/a.png' }]);
    assert.throws(
      () => readManifest(path),
      /resource a needs "hash": "sha256:…", or "sumAtFirstDownload" under "lch"/,
    );
  });

  it('refuses two resources of one name, or for one file', () => {
    const twice = writeManifest('set', [file('a.png'), file('a.png')]);
    assert.throws(() => readManifest(twice), /has two resources named a-png/);
    const same = writeManifest('set', [file('a.png'), { ...file('a.png'), name: 'b' }]);
    assert.throws(() => readManifest(same), /has two resources for the file a\.png/);
  });

  it('refuses a table beside it whose sum, or a row of which, is not as it says', () => {
    const schema = {
      fields: [
        { name: 'path', type: 'string' },
        { name: 'efficiency', type: 'string', constraints: { enum: ['high', 'low'] } },
      ],
    };
    const cells = 'path,efficiency\na.png,high\nb.png,hi\n';
    const resource = { name: 'cells', path: 'pdx.csv', hash: `sha256:${sha256(cells)}`, schema };
    const path = writeManifest('set', [resource, file('a.png')]);
    writeFileSync(join(path, '../pdx.csv'), cells);
    assert.throws(() => readManifest(path), {
      name: 'ManifestError',
      message: 'readManifest: pdx.csv row 2 has efficiency "hi"; use high, low',
    });
    writeFileSync(join(path, '../pdx.csv'), cells.replace('hi\n', 'low\n'));
    assert.throws(() => readManifest(path), /pdx\.csv beside .* has sha256 .*, the manifest says/);
  });

  it('reads a list of files, with the addresses of each', () => {
    const list = `path,bytes,sha256\nimages/a b.png,100,${sha256(a)}\n`;
    const path = writeManifest('set', [
      {
        name: 'files',
        path: 'files.csv',
        hash: `sha256:${sha256(list)}`,
        lch: { fileList: true, baseUrls: ['https://example.org/x/', 'https://example.com/'] },
      },
    ]);
    writeFileSync(join(path, '../files.csv'), list);
    const [listed] = readManifest(path).files;
    assert.equal(listed.file, 'images/a b.png');
    assert.deepEqual(listed.urls, [
      'https://example.org/x/images/a%20b.png',
      'https://example.com/images/a%20b.png',
    ]);
  });

  it('says what to do with a folder without a manifest, and with a file that is no JSON', () => {
    const folder = writeFiles(temporaryFolder(), { 'x/datapackage.json': '{' });
    assert.throws(() => readManifest(folder), /has no datapackage\.json; make one with "lch data add /);
    assert.throws(() => readManifest(join(folder, 'x')), /cannot be read as JSON/);
  });
});

function rowsOf(path: string): Record<string, string>[] {
  const [header, ...rows] = csvRows(readFileSync(path, 'utf8'));
  return rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at]])));
}
