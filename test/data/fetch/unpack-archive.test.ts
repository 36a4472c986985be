import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { ArchiveLimits } from '../../../src/data/fetch/archive-rules';
import { unpackArchive } from '../../../src/data/fetch/unpack-archive';
import { type ArchiveEntry, tarGz, zip } from '../helpers/archives';
import { sha256, someBytes, temporaryFolder, writeFiles } from '../helpers/folders';

const cell = someBytes(5000);
const KINDS = { 'tar.gz': tarGz, zip } as const;

/** Packs the entries, and tries to unpack them into `folder` below an otherwise empty folder. */
function unpack(kind: keyof typeof KINDS, entries: ArchiveEntry[], limits?: ArchiveLimits) {
  const parent = temporaryFolder();
  const archive = join(temporaryFolder(), `crops.${kind}`);
  writeFileSync(archive, KINDS[kind](entries));
  const folder = join(parent, 'set', 'images');
  return { folder, parent, sums: unpackArchive(archive, kind, folder, { limits }) };
}

for (const kind of ['tar.gz', 'zip'] as const) {
  describe(`unpackArchive of ${kind}`, () => {
    it('writes the files and returns their sums', async () => {
      const { folder, sums } = unpack(kind, [
        { name: 'sample/', kind: 'folder' },
        { name: 'sample/a.png', content: cell },
        { name: 'sample/deep/b.png', content: Buffer.from('b') },
      ]);
      assert.deepEqual(Object.fromEntries(await sums), {
        'sample/a.png': { bytes: 5000, sha256: sha256(cell) },
        'sample/deep/b.png': { bytes: 1, sha256: sha256('b') },
      });
      assert.ok(readFileSync(join(folder, 'sample/a.png')).equals(cell));
    });

    it('leaves out what macOS adds beside the files', async () => {
      const { sums } = unpack(kind, [
        { name: 'a.png', content: cell },
        { name: '._a.png', content: cell },
        { name: '__MACOSX/._a.png', content: cell },
      ]);
      assert.deepEqual([...(await sums).keys()], ['a.png']);
    });

    const evil: [string, ArchiveEntry[], RegExp][] = [
      ['a name that climbs out', [{ name: '../evil.png', content: cell }], /\.\./],
      ['a name that climbs out from inside', [{ name: 'a/../../evil.png', content: cell }], /\.\./],
      ['an absolute name', [{ name: '/tmp/evil.png', content: cell }], /absolute/],
      ['a Windows drive', [{ name: 'C:/evil.png', content: cell }], /colon|absolute/],
      ['a backslash', [{ name: '..\\evil.png', content: cell }], /backslash|invalid characters/],
      ['a symbolic link', [{ name: 'evil', kind: 'symlink', target: '/etc' }], /the link "evil"/],
      [
        'a file behind a symbolic link',
        [
          { name: 'evil', kind: 'symlink', target: '..' },
          { name: 'evil/b.png', content: cell },
        ],
        /the link "evil"/,
      ],
      ['a device', [{ name: 'evil', kind: 'device' }], /neither a file nor a folder/],
      [
        'one name twice',
        [
          { name: 'a.png', content: cell },
          { name: 'A.PNG', content: cell },
        ],
        /twice/,
      ],
      ['a device name of Windows', [{ name: 'sample/aux.png', content: cell }], /device on Windows/],
    ];
    for (const [what, entries, message] of evil) {
      it(`refuses ${what}, and leaves nothing behind`, async () => {
        const { parent, sums } = unpack(kind, [{ name: 'good.png', content: cell }, ...entries]);
        await assert.rejects(sums, { name: 'DataError', message });
        assert.deepEqual(readdirSync(join(parent, 'set')), []);
        assert.ok(!existsSync(join(dirname(parent), 'evil.png')) && !existsSync(join(parent, 'evil.png')));
      });
    }

    it('refuses an archive that unpacks to far more than it is', async () => {
      const zeros = Buffer.alloc(3_000_000);
      const { parent, sums } = unpack(kind, [{ name: 'bomb.png', content: zeros }], {
        maximumBytes: 1_000_000,
        maximumEntries: 10,
      });
      await assert.rejects(sums, /unpacks to more than 1000000 bytes/);
      assert.deepEqual(readdirSync(join(parent, 'set')), []);
    });

    it('refuses an archive of too many entries', async () => {
      const entries = Array.from({ length: 11 }, (_, at) => ({
        name: `${at}.png`,
        content: Buffer.from('x'),
      }));
      const { sums } = unpack(kind, entries, { maximumBytes: 1_000_000, maximumEntries: 10 });
      await assert.rejects(sums, /holds more than 10 entries/);
    });

    it('leaves the folder as it was when the archive is cut short', async () => {
      const parent = temporaryFolder();
      const whole = KINDS[kind]([{ name: 'a.png', content: cell }]);
      const archive = join(
        writeFiles(temporaryFolder(), { cut: whole.subarray(0, whole.length - 100) }),
        'cut',
      );
      const folder = join(writeFiles(parent, { 'images/old.png': 'old' }), 'images');
      await assert.rejects(unpackArchive(archive, kind, folder), {
        name: 'DataError',
        message: /cannot unpack cut/,
      });
      assert.deepEqual(readdirSync(folder), ['old.png']);
    });

    it('removes what a killed process left half unpacked', async () => {
      const parent = writeFiles(temporaryFolder(), { '.images.unfinished.0a1b2c3d/half.png': 'half' });
      const archive = join(temporaryFolder(), 'a');
      writeFileSync(archive, KINDS[kind]([{ name: 'a.png', content: cell }]));
      await unpackArchive(archive, kind, join(parent, 'images'));
      assert.deepEqual(readdirSync(parent), ['images']);
    });
  });
}

describe('unpackArchive', () => {
  it('refuses a zip whose files are longer than it says', async () => {
    const { sums } = unpack('zip', [{ name: 'a.png', content: cell, claimedSize: 10 }]);
    await assert.rejects(sums, { name: 'DataError', message: /cannot unpack crops\.zip/ });
  });

  it('refuses hard links, which only tar has', async () => {
    const { sums } = unpack('tar.gz', [{ name: 'evil', kind: 'hardlink', target: '/etc/passwd' }]);
    await assert.rejects(sums, /the link "evil"/);
  });
});
