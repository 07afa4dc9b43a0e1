/** In bytes: file systems take 255, and a number may have to be added. */
const longestPart = 240;
/** Separators, control characters, what Windows forbids in names, and characters that turn the reading direction or are not seen. */
const unsafe =
  /[/\\:*?"<>|\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
const windowsDevice =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[\d\u00b9\u00b2\u00b3]|lpt[\d\u00b9\u00b2\u00b3])(?:\.|$)/i;

/**
 * One part of a name inside an archive, of text that an endpoint made up: no system takes it for a separator, a drive, a stream, a
 * device or a way up, and it is short enough to unpack (promises P51, P53). Never empty.
 */
export function safePart(text: string): string {
  const cleaned = shortened(text.toWellFormed().replace(unsafe, '_'));
  const ended = cleaned.replace(/[. ]+$/, (tail) => '_'.repeat(tail.length));
  return ended === '' || windowsDevice.test(ended) ? `_${ended}` : ended;
}

/** Cut before its extension, which says what the file is. */
function shortened(part: string): string {
  const bytes = Buffer.from(part);
  if (bytes.length <= longestPart) {
    return part;
  }
  const extension = /\.[^.]{1,20}$/.exec(part)?.[0] ?? '';
  const room = longestPart - Buffer.byteLength(extension);
  const stem = new TextDecoder().decode(bytes.subarray(0, room));
  return `${stem.replace(/\ufffd+$/, '')}${extension}`;
}
