/** What a spreadsheet would take for a formula: names of files are chosen by whoever attacks. */
const formula = /^[=+\-@\t\r]/;

/** RFC 4180, with a mark of UTF-8 before it, which spreadsheets look for. The first row names the columns. */
export function csvFile(rows: readonly (readonly string[])[]): Blob {
  const text = rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
  return new Blob(['\ufeff', text], { type: 'text/csv' });
}

function cellOf(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
