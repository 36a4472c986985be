/** What a manifest says of a data set, once it has been read and checked. */
import type { SimulationOptions } from '../../simulate/simulate-cells';

/** A data set: where its files come from, what they must be, on what terms they may be used. */
export interface Manifest {
  /** As typed after `--data` and `lch data fetch`. */
  name: string;
  title: string;
  description: string;
  kind: 'crops' | 'model' | 'table';
  /** Names of the licences, or the sentence that says there is none. */
  licence: string;
  /** What to cite; empty when the manifest names nothing. */
  citation: string;
  /** The datapackage.json. */
  path: string;
  /** Where relative paths of the manifest lie. */
  folder: string;
  /** The files lie in `folder` and are read there, never copied or moved: a lab's own data set. */
  inPlace: boolean;
  files: ManifestFile[];
  generator?: GeneratorSettings;
}

/** One file of a data set. */
export interface ManifestFile {
  /** The resource's name in the manifest; rows of a file list have their path here. */
  name: string;
  /** Place in the data set's folder, with `/` between the parts. */
  file: string;
  /** Addresses of the same bytes, in the order in which they are tried; none for a file that is not downloaded. */
  urls: string[];
  /** Size, when known. */
  bytes?: number;
  /** SHA-256 in lower-case hexadecimal digits; absent for what a generator makes before its sum was filled in, or {@link sumAtFirstDownload}. */
  sha256?: string;
  /** The first download records the sum. */
  sumAtFirstDownload: boolean;
  /** The file is an archive. */
  unpack?: Unpacking;
  /** A table that comes with the manifest: where it lies beside it. */
  beside?: string;
  /** The columns, for a table of crops or of files. */
  schema?: TableSchema;
}

/** What kind of archive a file is, and into which folder of the data set it is unpacked. */
export interface Unpacking {
  kind: ArchiveKind;
  to: string;
}

export type ArchiveKind = 'tar.gz' | 'zip';

/** The command that makes the data, and its options as typed after two dashes. */
export interface GeneratorSettings {
  command: 'simulate';
  options: SimulationOptions;
}

/** The part of the standard's Table Schema that is checked here. */
export interface TableSchema {
  fields: TableField[];
  missingValues?: string[];
}

export interface TableField {
  name: string;
  type?: string;
  description?: string;
  constraints?: {
    required?: boolean;
    unique?: boolean;
    enum?: string[];
    pattern?: string;
    minimum?: number;
    maximum?: number;
  };
}
