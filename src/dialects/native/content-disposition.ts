const attributeCharacter = /^[A-Za-z0-9!#$&+.^_`|~-]$/;
const plain = /^[A-Za-z0-9 .,_+()[\]{}@=~-]$/;

/** Longest name given to a client: most file systems take 255 bytes. */
const longestName = 200;

/**
 * RFC 6266: an ASCII `filename` for old clients and, where the name needs it, RFC 8187's `filename*` for the others.
 */
export function contentDisposition(name: string): string {
  const shown = [...name].slice(-longestName).join('').replaceAll(/[/\\]/g, '_');
  const fallback = [...shown].map((character) => (plain.test(character) ? character : '_')).join('');
  if (fallback === shown) {
    return `attachment; filename="${fallback}"`;
  }
  return `attachment; filename="${fallback}"; filename*=UTF-8''${percentEncode(shown)}`;
}

function percentEncode(text: string): string {
  return [...new TextEncoder().encode(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const safe = byte < 0x80 && attributeCharacter.test(character);
      return safe ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
