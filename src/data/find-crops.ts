/** Where crops are: a folder, a list of files, or a table. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { DataError } from '../util/errors';
import { parseCropName } from './crop-name';
import { readTable } from './table-io';

/** A crop before it is read. */
export interface CropRecord {
  /** As the source names it: relative to the folder, or as written in the list or table. Goes into every result. */
  path: string;
  /** Absolute path of the file. */
  file: string;
  /** What the file name and the table say; a table's columns win over the name's. */
  metadata: Record<string, string | number | null>;
}

const imageExtensions = new Set(['.png', '.tif', '.tiff', '.jpg', '.jpeg']);
const tableExtensions = new Set(['.csv', '.parquet', '.arrow']);

/**
 * Finds crops without opening them.
 *
 * @param source a folder (all PNG, TIFF and JPEG files in it and below, or those its `cells.csv` names), a text file with one path
 *   per line, or a table (CSV, Parquet, Arrow) with a column `path`; paths are relative to the source, or else to the working folder
 * @throws DataError when it does not exist or names no image
 * @example
 * const records = await findCrops('my-cells');
 */
export async function findCrops(source: string): Promise<CropRecord[]> {
  if (!existsSync(source)) {
    throw new DataError(
      `the data ${source} does not exist; give a folder of images, a list of files (.txt) or a table (.csv, .parquet)`,
    );
  }
  let records: CropRecord[];
  if (statSync(source).isDirectory()) {
    const cells = join(source, 'cells.csv');
    records = existsSync(cells) ? await fromTable(cells) : fromFolder(source);
  } else if (tableExtensions.has(extname(source).toLowerCase())) {
    records = await fromTable(source);
  } else if (imageExtensions.has(extname(source).toLowerCase())) {
    records = [record(source, source)];
  } else {
    records = fromList(source);
  }
  if (records.length === 0) {
    throw new DataError(
      `${source} holds no crops; put PNG, TIFF or JPEG images of single cells there, or give another folder`,
    );
  }
  return records;
}

function fromFolder(folder: string): CropRecord[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        (entry.isFile() || entry.isSymbolicLink()) && // what a link leads to is seen when it is read
        imageExtensions.has(extname(entry.name).toLowerCase()) &&
        !entry.name.startsWith('.'),
    )
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort()
    .map((path) => record(path, resolve(folder, path)));
}

function fromList(list: string): CropRecord[] {
  const text = readFileSync(list, 'utf8');
  if (text.includes('\0')) {
    throw new DataError(
      `${list} is no list of crops; give a folder of images, a list of files (.txt) or a table (.csv, .parquet)`,
    );
  }
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((path) => record(path, beside(list, path)));
}

async function fromTable(path: string): Promise<CropRecord[]> {
  const table = await readTable(path);
  const names = table.columnNames();
  if (!names.includes('path')) {
    throw new DataError(
      `${path} has no column path (it has ${names.slice(0, 8).join(', ')}); name the image files in one`,
    );
  }
  const columns = names.map((name) => table.array(name) as ArrayLike<string | number | null>);
  return Array.from({ length: table.numRows() }, (_, row) => {
    const values = Object.fromEntries(names.map((name, i) => [name, columns[i][row]]));
    const { path: image, ...metadata } = values;
    const found = record(String(image), beside(path, String(image)));
    return { ...found, metadata: { ...found.metadata, ...metadata } };
  });
}

/** A path written in a file is meant relative to that file; if nothing is there, to the working folder. */
function beside(file: string, path: string): string {
  if (isAbsolute(path)) return path;
  const near = resolve(dirname(file), path);
  return existsSync(near) || !existsSync(path) ? near : resolve(path);
}

function record(path: string, file: string): CropRecord {
  const name = parseCropName(path);
  if (!name) return { path, file, metadata: {} };
  const { cellType, ...rest } = name;
  return { path, file, metadata: { ...rest, cell_type: cellType } };
}
