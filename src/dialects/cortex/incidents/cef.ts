/** A line of the Common Event Format, version 0 or 1. */
export interface CefLine {
  readonly vendor: string;
  readonly product: string;
  readonly signature: string;
  readonly name: string;
  readonly severity: string;
  readonly extension: ReadonlyMap<string, string>;
}

const start = /(?:^|\s)CEF:\d+\|/;
const headerFields = 6;

/** Whatever stands before `CEF:`, as syslog puts it there, is left out. @returns undefined for what is no such line. */
export function parseCef(line: string): CefLine | undefined {
  const found = start.exec(line);
  if (found === null) {
    return undefined;
  }
  const { fields, rest } = splitHeader(line.slice(found.index + found[0].length));
  const [vendor, product, , signature, name, severity] = fields;
  if (vendor === undefined || product === undefined || signature === undefined || name === undefined) {
    return undefined;
  }
  return severity === undefined
    ? undefined
    : { vendor, product, signature, name, severity, extension: readExtension(rest) };
}

/** In the header `\|` and `\\` stand for themselves; the last field may end with the line. */
function splitHeader(text: string): { readonly fields: readonly string[]; readonly rest: string } {
  const fields: string[] = [];
  let field = '';
  let index = 0;
  for (; index < text.length && fields.length < headerFields; index += 1) {
    const char = text.charAt(index);
    if (char === '\\' && index + 1 < text.length) {
      index += 1;
      field += text.charAt(index);
    } else if (char === '|') {
      fields.push(field.trim());
      field = '';
    } else {
      field += char;
    }
  }
  return fields.length < headerFields
    ? { fields: [...fields, field.trim()], rest: '' }
    : { fields, rest: text.slice(index) };
}

/** Values go on, over spaces, to the next key. The first of several values for one key counts. */
function readExtension(text: string): ReadonlyMap<string, string> {
  const keys = [...text.matchAll(/(?:^|\s)([\w.[\]-]+)=/g)];
  const values = new Map<string, string>();
  for (const [index, match] of keys.entries()) {
    const key = match[1] ?? '';
    const value = text.slice(match.index + match[0].length, keys[index + 1]?.index);
    if (!values.has(key)) {
      values.set(key, unescaped(value).trim());
    }
  }
  return values;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r' };

function unescaped(value: string): string {
  return value.replace(/\\([\\=|nr])/g, (_, char: string) => escapes[char] ?? char);
}
