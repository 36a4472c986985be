/** Checks a CSV table against the Table Schema that its manifest gives. */

import { csvRows } from '../../util/csv';
import { ManifestError } from '../../util/errors';
import { nearestName } from '../../util/nearest-name';
import type { TableField, TableSchema } from './manifest';

/**
 * Throws at the first value that the schema does not allow.
 *
 * Checked are the columns, `required`, `unique`, `enum`, `pattern`, `minimum`, `maximum`, and the types integer, number, boolean and
 * date (ISO); other types of the standard pass as text.
 *
 * @param text the CSV file's content
 * @param schema the resource's `schema`
 * @param where the file's name, for the message
 * @returns the table's rows by column name
 * @throws ManifestError such as `readManifest: pdx.csv row 12 has metastatic_efficiency "hi"; use high, low, unknown`; rows count
 *   from 1, the header is not one
 */
export function checkTable(text: string, schema: TableSchema, where: string): Record<string, string>[] {
  const [header = [], ...rows] = csvRows(text);
  const missing = new Set(schema.missingValues ?? ['']);
  for (const { name } of schema.fields) {
    if (header.includes(name)) continue;
    const near = nearestName(name, header);
    throw new ManifestError(
      `readManifest: ${where} needs a column ${name}, it has ${header.join(', ')}${near ? `; is ${near} meant?` : ''}`,
    );
  }
  const columns = schema.fields.map((field) => ({
    field,
    at: header.indexOf(field.name),
    seen: new Set<string>(),
  }));
  return rows.map((row, index) => {
    if (row.length !== header.length) {
      throw new ManifestError(
        `readManifest: ${where} row ${index + 1} has ${row.length} fields, its header has ${header.length}`,
      );
    }
    for (const { field, at, seen } of columns) {
      const value = row[at];
      const fault = missing.has(value) ? faultOfMissing(field) : faultOf(value, field, seen);
      if (!fault) continue;
      throw new ManifestError(
        `readManifest: ${where} row ${index + 1} has ${field.name} "${value}"; ${fault}`,
      );
    }
    return Object.fromEntries(header.map((name, at) => [name, row[at]]));
  });
}

function faultOfMissing(field: TableField): string | undefined {
  return field.constraints?.required ? 'a value is needed' : undefined;
}

function faultOf(value: string, field: TableField, seen: Set<string>): string | undefined {
  const { enum: allowed, pattern, minimum, maximum, unique } = field.constraints ?? {};
  if (allowed && !allowed.includes(value)) return `use ${allowed.join(', ')}`;
  if (pattern && !new RegExp(`^(?:${pattern})$`).test(value)) return `it must match ${pattern}`;
  if (field.type === 'integer' && !/^[+-]?\d+$/.test(value)) return 'it must be an integer';
  if (field.type === 'number' && (value.trim() === '' || Number.isNaN(Number(value))))
    return 'it must be a number';
  if (field.type === 'boolean' && !/^(true|false|1|0)$/i.test(value)) return 'use true or false';
  if (field.type === 'date' && !isDate(value)) return 'write the date as 2014-06-06';
  if (minimum !== undefined && Number(value) < minimum) return `it must be at least ${minimum}`;
  if (maximum !== undefined && Number(value) > maximum) return `it must be at most ${maximum}`;
  if (unique && seen.has(value)) return 'an earlier row has it too';
  if (unique) seen.add(value);
  return undefined;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value); // refuses 2014-02-30
}
