/** Comma-separated values (RFC 4180) as text: what stands between the commas, and how to put it there. */

/**
 * The rows of a CSV text: fields split at commas, quotes around fields that hold commas, quotes or line breaks.
 *
 * @returns one array of fields per row; empty lines are left out
 */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = () => {
    row.push(field);
    if (row.length > 1 || field !== '') rows.push(row);
    row = [];
    field = '';
  };
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0; // a byte order mark, as spreadsheets write it
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[at + 1] === '"') field += text[at++];
      else quoted = false;
    } else if (letter === '"' && field === '') quoted = true;
    else if (letter === ',') {
      row.push(field);
      field = '';
    } else if (letter === '\n' || letter === '\r') endRow();
    else field += letter;
  }
  if (field !== '' || row.length > 0) endRow();
  return rows;
}

/** One field as it stands in a CSV text; empty for null, undefined and NaN. */
export function csvField(value: unknown): string {
  if (value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))) return '';
  const text = String(value);
  return /[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
