/** Reads a data set's manifest and checks it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { ManifestError, messageOf } from '../../util/errors';
import { nearestName } from '../../util/nearest-name';
import { checkDescriptor, type DescribedResource, type Descriptor } from './check-descriptor';
import { checkTable } from './check-table';
import { leavesFolder } from './leaves-folder';
import type { Manifest, ManifestFile } from './manifest';
import { manifestFolders } from './manifest-folders';
import { cacheFolder, shippedManifests } from './places';

const DESCRIPTOR = 'datapackage.json';

/**
 * A data set's manifest, checked against the Data Package standard, this project's additions, and itself: names are unique, every file
 * stays inside the data set's folder, everything that is downloaded has a sum, the tables beside the manifest have theirs and fit
 * their schema.
 *
 * @param nameOrPath the name of a data set (`lch data list` shows them), or a datapackage.json, or a folder with one
 * @param options.cache where `lch data add` registered data sets; default {@link cacheFolder}
 * @throws ManifestError when there is no such manifest (it names the nearest), or the file does not say what it must
 * @example
 * readManifest('openlch-sample').files.length; // 101: the table of cells and 100 crops
 */
export function readManifest(nameOrPath: string, options: { cache?: string } = {}): Manifest {
  const path = findDescriptor(nameOrPath, options.cache ?? cacheFolder());
  const where = join(basename(dirname(path)), basename(path));
  const descriptor = parse(path, where);
  checkDescriptor(descriptor, where);

  const besideFolder = dirname(path);
  const { lch } = descriptor;
  const shipped = path.startsWith(shippedManifests() + sep);
  const remote = descriptor.resources.some(
    ({ path, lch }) => isUrl(path) || (lch?.baseUrls?.length ?? 0) + (lch?.mirrors?.length ?? 0) > 0,
  );
  const inPlace = !shipped && !remote && !lch.generator;
  const files = descriptor.resources.flatMap((resource) => {
    if (resource.lch?.fileList) return listedFiles(resource, besideFolder, where);
    return [describedFile(resource, inPlace || lch.generator ? undefined : besideFolder, where)];
  });
  checkFiles(files, Boolean(lch.generator), where);
  return {
    name: descriptor.name,
    title: descriptor.title,
    description: descriptor.description ?? '',
    kind: lch.kind,
    licence: licenceOf(descriptor),
    citation: lch.citation ?? '',
    path,
    folder: lch.folder ? resolve(besideFolder, lch.folder) : besideFolder,
    inPlace,
    files,
    generator: lch.generator,
  };
}

function findDescriptor(nameOrPath: string, cache: string): string {
  const known = manifestFolders(cache);
  const folder = known.get(nameOrPath);
  if (folder) return join(folder, DESCRIPTOR);
  const path = resolve(nameOrPath);
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) return path;
    if (existsSync(join(path, DESCRIPTOR))) return join(path, DESCRIPTOR);
    throw new ManifestError(
      `readManifest: the folder ${nameOrPath} has no ${DESCRIPTOR}; make one with "lch data add ${nameOrPath}"`,
    );
  }
  const names = [...known.keys()];
  const near = nearestName(nameOrPath, names);
  throw new ManifestError(
    `readManifest: there is no data set ${nameOrPath}, nor a file or folder of that name${near ? `; nearest is ${near}` : ''} (there are ${names.join(', ')})`,
  );
}

function parse(path: string, where: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ManifestError(`readManifest: ${where} cannot be read as JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function describedFile(
  { name, path, bytes, hash, schema, lch = {} }: DescribedResource,
  besideFolder: string | undefined,
  where: string,
): ManifestFile {
  const urls = [...(isUrl(path) ? [path] : []), ...(lch.mirrors ?? [])];
  const sha256 = hash?.replace('sha256:', '');
  const beside = besideFolder && urls.length === 0 ? join(besideFolder, path) : undefined;
  if (beside) readTable({ name, path, sha256, schema }, beside, where);
  const file = lch.file ?? (isUrl(path) ? decodeURIComponent(basename(new URL(path).pathname)) : path);
  const sumAtFirstDownload = lch.sumAtFirstDownload ?? false;
  return { name, file, urls, bytes, sha256, sumAtFirstDownload, unpack: lch.unpack, beside, schema };
}

/** The files that a list beside the manifest names, one a row: path, bytes, sha256. */
function listedFiles(resource: DescribedResource, besideFolder: string, where: string): ManifestFile[] {
  const { name, path, hash, lch } = resource;
  const schema = {
    fields: [
      { name: 'path', constraints: { required: true, unique: true } },
      { name: 'bytes', type: 'integer', constraints: { required: true, minimum: 0 } },
      { name: 'sha256', constraints: { required: true, pattern: '[0-9a-f]{64}' } },
    ],
  };
  const list = { name, path, sha256: hash?.replace('sha256:', ''), schema };
  return readTable(list, join(besideFolder, path), where).map((row) => ({
    name: row.path,
    file: row.path,
    urls: (lch?.baseUrls ?? []).map((base) => base + row.path.split('/').map(encodeURIComponent).join('/')),
    bytes: Number(row.bytes),
    sha256: row.sha256,
    sumAtFirstDownload: false,
  }));
}

/** Reads a table beside the manifest, and checks its sum and its rows. */
function readTable(
  table: Pick<ManifestFile, 'name' | 'sha256' | 'schema'> & { path: string },
  path: string,
  where: string,
): Record<string, string>[] {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new ManifestError(`readManifest: ${where} names ${table.path}, which cannot be read beside it`, {
      cause: error,
    });
  }
  const sum = createHash('sha256').update(content).digest('hex');
  if (sum !== table.sha256) {
    throw new ManifestError(
      `readManifest: ${table.path} beside ${where} has sha256 ${sum}, the manifest says ${table.sha256 ?? 'none'}; ` +
        'restore the table, or write its new sum and size into the manifest',
    );
  }
  return table.schema ? checkTable(content.toString('utf8'), table.schema, table.path) : [];
}

function checkFiles(files: readonly ManifestFile[], generated: boolean, where: string): void {
  const names = new Set<string>();
  const places = new Set<string>();
  for (const { name, file, urls, sha256, sumAtFirstDownload, unpack } of files) {
    const fault = leavesFolder(file) ?? (unpack && leavesFolder(unpack.to));
    if (fault)
      throw new ManifestError(
        `readManifest: ${where}, resource ${name}: its file ${JSON.stringify(file)} ${fault}`,
      );
    if (names.has(name)) throw new ManifestError(`readManifest: ${where} has two resources named ${name}`);
    if (places.has(file))
      throw new ManifestError(`readManifest: ${where} has two resources for the file ${file}`);
    names.add(name);
    places.add(file);
    if (sha256 || generated || (sumAtFirstDownload && urls.length > 0)) continue;
    throw new ManifestError(
      `readManifest: ${where}, resource ${name} needs "hash": "sha256:…"` +
        (urls.length > 0 ? ', or "sumAtFirstDownload" under "lch" while the sum is not known' : ''),
    );
  }
}

function licenceOf({ licenses = [], lch }: Descriptor): string {
  const names = licenses.map(({ title, name, path }) => title ?? name ?? path).join(', ');
  return [names, lch.licenceNote].filter(Boolean).join('; ') || 'no licence is stated';
}

function isUrl(path: string): boolean {
  return /^https?:\/\//.test(path);
}
