/** A GUID, in either spelling, that begins with a minus: every other endpoint has a negative number. */
const negativeGuid = /^-(?:\d{1,10}\.-?\d{1,19}|\w[\w-]{14})$/;

/** Keeps a word that is a GUID from being taken for an option. */
export function shieldGuid(word: string): string {
  return negativeGuid.test(word) ? ` ${word}` : word;
}

/** Collects the words of an argument that takes GUIDs, each as it was given. */
export function unshieldGuid(word: string, collected: readonly string[]): readonly string[] {
  return [...collected, word.trim()];
}
