/** `%sql`, `%%sql`: questions in DuckDB's SQL to the notebook's tables and to files. */
import { queryTables, type TableFiles } from '../data/query-tables';
import { writeTable } from '../data/table-io';
import { OptionError } from '../util/errors';
import { defineMagic } from './magic';
import { isTable, mkdtempOnce } from './magic-words';

export const sqlMagic = defineMagic({
  name: 'sql',
  kind: 'both',
  summary: 'Asks tables by SQL (DuckDB); the answer is an Arquero table.',
  details:
    'Variables that are Arquero tables are tables of the SQL by their names, files by theirs in quotes (FROM ’z.parquet’). $name ' +
    'takes the value of a variable that is text or a number. %%sql NAME keeps the answer in a variable.',
  options: {},
  argument: 'text',
  namesResult: true,
  result: "import('live-cell-histology').ColumnTable",
  examples: [
    'const counts = %sql SELECT tumor, count(*) AS cells FROM z GROUP BY tumor',
    "%%sql joined\nSELECT * FROM z JOIN 'u.parquet' USING (path)\nWHERE tumor = $tumor",
  ],
  async run({ rest, isCell }, { kernel }) {
    const sql = String(rest[0] ?? '')
      .trim()
      .replace(/;$/, '');
    const who = isCell ? '%%sql' : '%sql';
    if (sql === '') throw new OptionError(`${who}: there is no SQL; write SELECT … FROM …`);
    const folder = mkdtempOnce();
    try {
      const files: TableFiles = {};
      const values: Record<string, string | number> = {};
      for (const name of namesIn(sql)) {
        const value = kernel.variables[name];
        if (isTable(value)) {
          files[name] = folder.fileName('.parquet');
          await writeTable(files[name], value);
        } else if (new RegExp(`\\$${name}\\b`).test(sql)) {
          if (typeof value !== 'string' && typeof value !== 'number') {
            throw new OptionError(`${who}: $${name} needs a variable ${name} that is text or a number`);
          }
          values[name] = value;
        }
      }
      const given = Object.keys(values).length > 0 ? { values } : {};
      return await queryTables(sql, files, { ...given, signal: kernel.signal });
    } finally {
      folder.remove();
    }
  },
});

/** Words of the SQL that are not inside its texts or comments. */
export function namesIn(sql: string): Set<string> {
  const code = sql.replace(/'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  return new Set(code.match(/[A-Za-z_]\w*/g) ?? []);
}
