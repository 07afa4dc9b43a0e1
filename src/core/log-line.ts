/** Beyond the controls that JSON itself escapes: what terminals and viewers take for a control, another line or a turn of direction. */
const acting = /[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** The same line of JSON, with nothing in it that does anything where it is shown: names in it come from endpoints (promise P53). */
export function harmlessLine(line: string): string {
  return line.replaceAll(acting, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
