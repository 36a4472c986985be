/** A results bundle as RO-Crate 1.1 (https://w3id.org/ro/crate/1.1): files with a description that machines read. */
import { createHash } from 'node:crypto';
import { packageVersion } from '../../util/files';

export interface CrateFile {
  /** Path within the bundle, with slashes. */
  path: string;
  content: Uint8Array;
  /** What it is, in a few words. */
  name: string;
  mime: string;
}

/** The text of ro-crate-metadata.json. `date` as YYYY-MM-DD; none is made up. */
export function crateMetadata(title: string, files: readonly CrateFile[], date?: string): string {
  const software = {
    '@id': '#live-cell-histology',
    '@type': 'SoftwareApplication',
    name: 'Live Cell Histology',
    version: packageVersion(),
  };
  const study = {
    '@id': 'https://doi.org/10.1016/j.cels.2021.05.003',
    '@type': 'ScholarlyArticle',
    name: 'Zaritsky et al., Cell Systems 12, 733–747 (2021)',
  };
  const graph = [
    {
      '@id': 'ro-crate-metadata.json',
      '@type': 'CreativeWork',
      conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' },
      about: { '@id': './' },
    },
    {
      '@id': './',
      '@type': 'Dataset',
      name: title,
      description: 'A notebook of Live Cell Histology with what it shows, as it was run.',
      ...(date ? { datePublished: date } : {}),
      license: 'Stated by whoever shares it',
      hasPart: files.map(({ path }) => ({ '@id': path })),
      mentions: [{ '@id': software['@id'] }],
      citation: { '@id': study['@id'] },
    },
    ...files.map(({ path, content, name, mime }) => ({
      '@id': path,
      '@type': 'File',
      name,
      encodingFormat: mime,
      contentSize: String(content.byteLength),
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
    software,
    study,
  ];
  return `${JSON.stringify({ '@context': 'https://w3id.org/ro/crate/1.1/context', '@graph': graph }, null, 2)}\n`;
}
