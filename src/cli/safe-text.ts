/** Controls, invisible formatting (bidirectional overrides among it) and separators: what makes a terminal lie. */
const hostile = /[\p{C}\p{Zl}\p{Zp}]/gu;
const hostileInJson = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line that shows every character: names come from endpoints, and may carry terminal escapes. */
export function safeText(text: string): string {
  return text.replaceAll(hostile, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same value as JSON, with nothing in it that a terminal would act on. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(hostileInJson, (character) =>
    character === '\n' ? character : escapeUnits(character),
  );
}

/** The same on one line, for lists of which each line is a document of its own. */
export function safeJsonLine(value: unknown): string {
  return `${JSON.stringify(value).replaceAll(hostileInJson, escapeUnits)}\n`;
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
