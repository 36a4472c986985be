/** Makes a lab's own folder of crops a data set that can be asked for by name. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { csvField, csvRows } from '../../util/csv';
import { DataError, ManifestError, messageOf, throwIfInterrupted } from '../../util/errors';
import { writeFileAtomic } from '../../util/files';
import { defaultProgress, type Progress } from '../../util/progress';
import { CELL_FIELDS } from '../manifests/cell-fields';
import type { Descriptor } from '../manifests/check-descriptor';
import { checkTable } from '../manifests/check-table';
import { leavesFolder } from '../manifests/leaves-folder';
import type { Manifest, TableField } from '../manifests/manifest';
import { manifestFolders } from '../manifests/manifest-folders';
import { addedManifests, cacheFolder } from '../manifests/places';
import { readManifest } from '../manifests/read-manifest';
import { CheckedFiles } from './checked-files';
import { fileSum } from './file-sum';

export interface AddOptions {
  /** The name to ask for it by. Default: the folder's name, in lower case with hyphens. */
  name?: string;
  /** One line for `lch data list`. Default: what the folder's own datapackage.json says, else the folder's name. */
  title?: string;
  /** A sentence on who may use the data. */
  licence?: string;
  /** What to cite. */
  citation?: string;
  /** Replaces a data set of that name that was added before. */
  force?: boolean;
  cache?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

const IMAGE = /\.(png|tiff?|jpe?g)$/i;
const TABLE_OF_CELLS = 'cells.csv';

/** What a folder's own datapackage.json may say of the data set as a whole. */
type Description = Partial<Pick<Descriptor, 'title' | 'description' | 'licenses'>> & {
  sources?: unknown[];
  lch?: { citation?: string; licenceNote?: string };
};

/**
 * Sums every image below `folder` and writes a manifest for them into the cache; the folder itself is only read, and stays the place
 * that the crops are read from. A `cells.csv` in it (column `path`, others as in {@link CELL_FIELDS}) is checked and taken in, and
 * title, licence and citation of a `datapackage.json` there are kept (data-manifests/template shows one).
 *
 * Cost: every file is read once.
 *
 * @throws DataError when there are no images, or the name is taken; ManifestError when cells.csv has a faulty row
 * @example
 * await addDataset('/data/screen-12', { title: 'Screen 12, two clones' }); // then: lch train --data screen-12
 */
export async function addDataset(folder: string, options: AddOptions = {}): Promise<Manifest> {
  const { cache = cacheFolder(), progress = defaultProgress, signal } = options;
  const root = resolve(folder);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new DataError(`addDataset needs a folder of images, ${folder} is none`);
  }
  const name = options.name ?? nameFrom(root);
  const place = claimName(name, cache, options.force ?? false);
  const images = imagesBelow(root);
  const cells = readCells(root, new Set(images));
  const said = readDescription(root);

  progress.start(`add ${name}`, images.length, 'files');
  const rows = ['path,bytes,sha256'];
  const checked = new CheckedFiles(cache, name, root); // so that the first use need not read everything again
  for (const [index, image] of images.entries()) {
    throwIfInterrupted(signal, 'addDataset');
    const sum = await fileSum(join(root, image), signal);
    checked.note(image, sum);
    rows.push([csvField(image), sum.bytes, sum.sha256].join(','));
    progress.update(index + 1);
  }
  progress.finish();

  const list = Buffer.from(rows.join('\n') + '\n');
  const resources = [
    {
      ...table('files', 'files.csv', list, [
        { name: 'path' },
        { name: 'bytes', type: 'integer' },
        { name: 'sha256' },
      ]),
      lch: { fileList: true },
    },
    ...(cells ? [table('cells', TABLE_OF_CELLS, cells.content, cells.fields)] : []),
  ];
  const descriptor = {
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
    ...said,
    name,
    title: options.title ?? said.title ?? basename(root),
    lch: {
      kind: 'crops',
      citation: options.citation ?? said.lch?.citation,
      licenceNote: options.licence ?? said.lch?.licenceNote,
      folder: root,
    },
    resources,
  };
  writeFileAtomic(join(place, 'files.csv'), list);
  writeFileAtomic(join(place, 'datapackage.json'), JSON.stringify(descriptor, null, 2) + '\n');
  checked.save();
  return readManifest(name, { cache });
}

function nameFrom(root: string): string {
  return basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '');
}

/** The folder for the manifest; the name must be usable and free. */
function claimName(name: string, cache: string, force: boolean): string {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) {
    throw new DataError(
      `addDataset needs a name of a-z, 0-9, ".", "_" and "-", got "${name}"; give another with --as`,
    );
  }
  const place = join(addedManifests(cache), name);
  const taken = manifestFolders(cache).get(name);
  if (taken && taken !== place)
    throw new DataError(`addDataset: ${name} comes with this package; give another name with --as`);
  if (taken && !force) {
    throw new DataError(
      `addDataset: there is a data set ${name} already; give another name with --as, or replace it with --force`,
    );
  }
  return place;
}

function imagesBelow(root: string): string[] {
  const images = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && IMAGE.test(entry.name) && !entry.name.startsWith('.'))
    .map((entry) =>
      relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
    .sort();
  if (images.length === 0) {
    throw new DataError(`addDataset: there are no images (png, tif, jpg) in ${root} or below`);
  }
  for (const image of images) {
    const fault = leavesFolder(image);
    if (fault)
      throw new DataError(`addDataset: the file name ${JSON.stringify(image)} ${fault}; rename the file`);
  }
  return images;
}

function readCells(
  root: string,
  images: ReadonlySet<string>,
): { content: Buffer; fields: TableField[] } | undefined {
  const path = join(root, TABLE_OF_CELLS);
  if (!existsSync(path)) return undefined;
  const content = readFileSync(path);
  const text = content.toString('utf8');
  const header = csvRows(text)[0] ?? [];
  const known = new Map(CELL_FIELDS.map((field) => [field.name, field]));
  const fields = header.map((name) => known.get(name) ?? { name, type: 'any' });
  const needed = header.includes('path') ? fields : [CELL_FIELDS[0], ...fields];
  for (const [index, { path }] of checkTable(text, { fields: needed }, TABLE_OF_CELLS).entries()) {
    if (images.has(path)) continue;
    throw new ManifestError(
      `addDataset: ${TABLE_OF_CELLS} row ${index + 1} has path "${path}", which is no image below ${root}`,
    );
  }
  return { content, fields };
}

function readDescription(root: string): Description {
  const path = join(root, 'datapackage.json');
  if (!existsSync(path)) return {};
  try {
    const { title, description, licenses, sources, lch } = JSON.parse(
      readFileSync(path, 'utf8'),
    ) as Description;
    return { title, description, licenses, sources, lch };
  } catch (error) {
    throw new ManifestError(`addDataset: ${path} cannot be read as JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function table(name: string, path: string, content: Buffer, fields: TableField[]) {
  return {
    name,
    path,
    type: 'table',
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    bytes: content.length,
    hash: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    schema: { fields },
  };
}
