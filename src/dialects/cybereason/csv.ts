/**
 * A row of a CSV file, with its line feed. Line breaks and other controls become spaces, because clients split at line feeds;
 * and what a spreadsheet would take for a formula has an apostrophe before it (OWASP, "CSV Injection").
 */
export function csvRow(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\n`;
}

function csvField(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  const harmless = /^\s*[=+\-@]/.test(line) ? `'${line}` : line;
  return /[",]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
