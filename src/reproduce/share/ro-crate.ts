/**
 * A results bundle as RO-Crate 1.1 (https://www.researchobject.org/ro-crate/specification/1.1/root-data-entity): files with a description that
 * machines read. The specification demands a metadata descriptor with `about`, a root of type Dataset with an ISO 8601 `datePublished`, and asks
 * for a name, a description and a licence with an entity of its own.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, packageVersion } from '../../util/files';
import type { DataRecord, Licence, StudyRecord } from './study-record';

export interface CrateFile {
  /** Path within the bundle, with slashes. */
  path: string;
  content: Uint8Array;
  /** What it is, in a few words. */
  name: string;
  mime: string;
}

export interface CrateDescription {
  title: string;
  files: readonly CrateFile[];
  /** YYYY-MM-DD */
  date: string;
  /** Of the bundle, as an SPDX identifier such as CC-BY-4.0, or an address; null leaves it to whoever shares the bundle. */
  licence: string | null;
  /** Who made the notebook. */
  authors: readonly string[];
  study: StudyRecord;
}

/** A node of the graph. */
interface Entity {
  '@id': string;
  '@type': string;
  [property: string]: unknown;
}

/** Where the manifest of the notebook's data lies in the bundle. */
export const manifestPath = 'data/datapackage.json';

/** The text of ro-crate-metadata.json. */
export function crateMetadata({ title, files, date, licence, authors, study }: CrateDescription): string {
  const { data, run } = study;
  const people = authors.map(person);
  const bundleLicence = licence === null ? unstatedLicence : spdxLicence(licence);
  const { entity: software, others } = softwareEntities(run?.version ?? packageVersion());
  const dataEntities = data ? dataSetEntities(data) : [];
  const article: Entity = {
    '@id': 'https://doi.org/10.1016/j.cels.2021.05.003',
    '@type': 'ScholarlyArticle',
    name: 'Zaritsky et al., Cell Systems 12, 733–747 (2021)',
  };
  const root: Entity = {
    '@id': './',
    '@type': 'Dataset',
    name: title,
    description: 'A notebook of Live Cell Histology with what it shows, as it was run.',
    datePublished: date,
    license: reference(bundleLicence),
    ...(people.length > 0 ? { author: people.map(reference) } : {}),
    hasPart: files.map(({ path }) => ({ '@id': idOfPath(path) })),
    mentions: [software, ...dataEntities.slice(0, 1)].map(reference),
    citation: reference(article),
  };
  const graph: Entity[] = [
    {
      '@id': 'ro-crate-metadata.json',
      '@type': 'CreativeWork',
      conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' },
      about: reference(root),
    },
    root,
    ...files.map((file) => fileEntity(file, data)),
    ...dataEntities,
    software,
    ...others,
    bundleLicence,
    ...people,
    article,
  ];
  const unique = [...new Map(graph.map((entity) => [entity['@id'], entity])).values()];
  // the vocabulary of RO-Crate 1.1 does not know sums yet
  const context = ['https://w3id.org/ro/crate/1.1/context', { sha256: 'https://schema.org/sha256' }];
  return `${JSON.stringify({ '@context': context, '@graph': unique }, null, 2)}\n`;
}

const reference = ({ '@id': id }: Entity) => ({ '@id': id });
/** Paths are written as addresses are. */
const idOfPath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

function fileEntity({ path, content, name, mime }: CrateFile, data: DataRecord | null): Entity {
  return {
    '@id': idOfPath(path),
    '@type': 'File',
    name,
    encodingFormat: mime,
    contentSize: String(content.byteLength),
    sha256: createHash('sha256').update(content).digest('hex'),
    ...(path === manifestPath && data ? { about: { '@id': idOfData(data) } } : {}),
  };
}

const idOfData = ({ manifest }: DataRecord) => `#data-${encodeURIComponent(manifest.name)}`;

/** The data set, which is not in the bundle, and its licences. */
function dataSetEntities(data: DataRecord): Entity[] {
  const { manifest, licences, files } = data;
  const terms = licences.map(licenceEntity);
  return [
    {
      '@id': idOfData(data),
      '@type': 'CreativeWork',
      name: manifest.title,
      description: `${manifest.description} Not part of this bundle: ${files} files, named with their sums (or the command that draws them) by ${manifestPath}.`,
      identifier: manifest.name,
      license: terms.map(reference),
      subjectOf: { '@id': manifestPath },
      ...(manifest.citation ? { creditText: manifest.citation } : {}),
    },
    ...terms,
  ];
}

function licenceEntity({ name, url }: Licence): Entity {
  return url
    ? { '@id': url, '@type': 'CreativeWork', name, description: `The licence ${name}.` }
    : { '@id': '#data-terms', '@type': 'CreativeWork', name: 'Terms of the data', description: name };
}

const unstatedLicence: Entity = {
  '@id': '#licence',
  '@type': 'CreativeWork',
  name: 'Licence not stated',
  description: 'Whoever shares this bundle says on what terms it may be used (lch share --license).',
};

function spdxLicence(licence: string): Entity {
  const isAddress = /^https?:\/\//.test(licence);
  return {
    '@id': isAddress ? licence : `https://spdx.org/licenses/${encodeURIComponent(licence)}`,
    '@type': 'CreativeWork',
    name: licence,
    description: `The licence ${licence}.`,
  };
}

/** This program with its licence, and who wrote it where package.json says so. */
function softwareEntities(version: string): { entity: Entity; others: Entity[] } {
  const {
    license,
    author,
    contributors = [],
  } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    license: string;
    author?: PackagePerson;
    contributors?: PackagePerson[];
  };
  const terms = spdxLicence(license);
  const writers = [...(author ? [author] : []), ...contributors].map((writer) =>
    person(typeof writer === 'string' ? writer.replace(/\s*[<(].*$/, '') : writer.name),
  );
  return {
    entity: {
      '@id': '#live-cell-histology',
      '@type': 'SoftwareApplication',
      name: 'Live Cell Histology',
      version,
      license: reference(terms),
      ...(writers.length > 0 ? { creator: writers.map(reference) } : {}),
    },
    others: [terms, ...writers],
  };
}

/** As npm has it: "Ann Lee <ann@lab.org> (https://…)", or in parts. */
type PackagePerson = string | { name: string };

function person(name: string): Entity {
  return { '@id': `#${encodeURIComponent(name)}`, '@type': 'Person', name };
}
