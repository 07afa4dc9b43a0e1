import type { Json } from '#core/custody/event.ts';

/**
 * JSON as Python's `json.dumps` writes it, byte for byte: a space after every comma and colon, and nothing but printable
 * ASCII. The vendor's recorded answers have this form, and their lengths are known to clients.
 */
export function pythonJson(value: Json): string {
  if (isList(value)) {
    return `[${value.map(pythonJson).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${text(key)}: ${pythonJson(member)}`);
    return `{${members.join(', ')}}`;
  }
  return typeof value === 'string' ? text(value) : JSON.stringify(value);
}

/** `Array.isArray` does not narrow a readonly array away. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function text(value: string): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
