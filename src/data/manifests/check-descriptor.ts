/** Checks a datapackage.json against the standard's own JSON schema, and against what this project adds to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { ManifestError } from '../../util/errors';
import type { GeneratorSettings, TableSchema, Unpacking } from './manifest';
import { shippedManifests } from './places';

/** A descriptor that passed {@link checkDescriptor}: the properties of the standard that are used here, and ours under `lch`. */
export interface Descriptor {
  name: string;
  title: string;
  description?: string;
  licenses?: { name?: string; title?: string; path?: string }[];
  lch: {
    kind: 'crops' | 'model' | 'table';
    citation?: string;
    licenceNote?: string;
    folder?: string;
    generator?: GeneratorSettings;
  };
  resources: DescribedResource[];
}

export interface DescribedResource {
  name: string;
  path: string;
  bytes?: number;
  hash?: string;
  schema?: TableSchema;
  lch?: {
    file?: string;
    mirrors?: string[];
    unpack?: Unpacking;
    sumAtFirstDownload?: boolean;
    fileList?: boolean;
    baseUrls?: string[];
  };
}

/** The standard's profile (Data Package 2.0) and this project's, in the order in which they are asked. */
const PROFILES = ['datapackage-2.0.json', 'live-cell-histology.json'];
let validators: ValidateFunction[] | undefined; // compiled once: the standard's 159 kB take 0.2 s

/**
 * Throws unless `descriptor` is a Data Package (version 2) with the properties that this project needs.
 *
 * @param where the file's name, for the message
 * @throws ManifestError that names the place inside the file and what is wrong there
 */
export function checkDescriptor(descriptor: unknown, where: string): asserts descriptor is Descriptor {
  validators ??= compileProfiles();
  for (const [index, validate] of validators.entries()) {
    if (validate(descriptor)) continue;
    const profile = index === 0 ? 'the Data Package standard 2.0' : 'data-manifests/profiles/' + PROFILES[1];
    throw new ManifestError(`readManifest: ${where} ${describe(validate.errors ?? [])} (${profile})`);
  }
}

function compileProfiles(): ValidateFunction[] {
  // loaded here: 40 ms that a command without data need not wait for
  const { Ajv } = require('ajv') as typeof import('ajv');
  const { default: addFormats } = require('ajv-formats') as typeof import('ajv-formats');
  // not strict: the standard's profile carries notes for editors ("propertyOrder", "context") that are no JSON schema keywords
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { textarea: true } });
  addFormats(ajv, ['uri', 'email', 'date-time']);
  return PROFILES.map((name) =>
    ajv.compile(JSON.parse(readFileSync(join(shippedManifests(), 'profiles', name), 'utf8'))),
  );
}

/** The most telling error: the deepest place; there, anything but "matches none of the alternatives". */
function describe(errors: readonly ErrorObject[]): string {
  const depth = (error: ErrorObject) =>
    error.instancePath.split('/').length * 2 - Number(error.keyword === 'oneOf');
  const [worst] = [...errors].sort((a, b) => depth(b) - depth(a));
  const place = worst?.instancePath ? `at ${worst.instancePath}` : 'at the top';
  const allowed = worst?.params.allowedValues ?? worst?.params.allowedValue;
  return `${place} ${worst?.message ?? 'is not valid'}${allowed ? `: ${[allowed].flat().join(', ')}` : ''}`;
}
