import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { dataCommand } from '../../src/commands/data';
import { silentProgress } from '../../src/util/progress';
import { someBytes, temporaryFolder, writeFiles } from '../data/helpers/folders';

type DataOptions = Parameters<typeof dataCommand.run>[0];

/** Runs `lch data …` and returns what it printed, its value, and its error. */
async function run(options: Partial<DataOptions>) {
  const lines: string[] = [];
  const context = {
    progress: silentProgress,
    signal: new AbortController().signal,
    print: (line: string) => void lines.push(line),
  };
  const given = { action: 'list', partial: false, force: false, ...options } as DataOptions;
  try {
    return { lines, value: await dataCommand.run(given, context), error: undefined };
  } catch (error) {
    return { lines, value: undefined, error: error as Error };
  }
}

describe('lch data', () => {
  const { LCH_CACHE, LCH_DATA_PATH } = process.env;
  beforeEach(() => {
    process.env.LCH_CACHE = temporaryFolder();
    process.env.LCH_DATA_PATH = '';
  });
  afterEach(() => {
    for (const [name, value] of Object.entries({ LCH_CACHE, LCH_DATA_PATH })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('lists the data sets', async () => {
    const { lines } = await run({});
    assert.ok(
      lines.some((line) =>
        /^openlch-sample +100 published .*100 files, 2\.6 MB; not fetched yet\)$/.test(line),
      ),
    );
  });

  it('needs a name for everything else', async () => {
    const { error } = await run({ action: 'fetch' });
    assert.equal(error?.message, 'lch data fetch needs a NAME; "lch data list" shows those that there are');
  });

  it('adds, fetches and verifies a folder, and fails when a file is damaged or missing', async () => {
    const folder = writeFiles(temporaryFolder(), { 'a.png': someBytes(500, 1), 'b.png': someBytes(400, 2) });
    assert.deepEqual((await run({ action: 'add', name: folder, as: 'mine' })).lines, [
      `added mine: 2 files in ${folder}`,
    ]);
    assert.equal(
      (await run({ action: 'fetch', name: 'mine' })).lines[0],
      `mine: 2 of 2 files there and checked (2 present), in ${folder}`,
    );
    assert.deepEqual((await run({ action: 'verify', name: 'mine' })).lines, [
      'mine: 2 right, 0 damaged, 0 missing',
    ]);

    writeFiles(folder, { 'a.png': someBytes(500, 9) });
    const verified = await run({ action: 'verify', name: 'mine' });
    assert.match(
      verified.lines[0],
      /^damaged {2}a\.png {2}.*a\.png has sha256 [0-9a-f]{64}, not [0-9a-f]{64}$/,
    );
    assert.match(verified.error?.message ?? '', /1 damaged and 0 missing files, the first is .*a\.png/);
    const fetched = await run({ action: 'fetch', name: 'mine' });
    assert.equal(fetched.error?.name, 'IncompleteDataError');
    const { report } = fetched.error as { report?: { missing: { file: string }[] } };
    assert.deepEqual(
      report?.missing.map(({ file }) => file),
      ['a.png'],
      'for --json',
    );
    assert.equal((await run({ action: 'fetch', name: 'mine', partial: true })).error, undefined);
  });

  it('takes a datapackage.json for a name', async () => {
    const { error } = await run({ action: 'verify', name: join(temporaryFolder(), 'datapackage.json') });
    assert.match(error?.message ?? '', /there is no data set/);
  });
});
