import type { Milliseconds } from '#core/time.ts';

const dot = 0x2e;
const longestName = 255;
/** What is longer than this behind the last dot is no extension. */
const longestExtension = 16;

/** `file (restored 2026-11-22 21.40.05).ext`, in UTC; from the second attempt on with a number. The name is bytes. */
export function besideName(name: Uint8Array, at: Milliseconds, attempt: number): Uint8Array {
  const [day, time] = new Date(at).toISOString().slice(0, 19).split('T');
  const number = attempt === 1 ? '' : ` ${attempt}`;
  const mark = Buffer.from(` (restored ${day} ${time?.replaceAll(':', '.')}${number})`);
  const { stem, extension } = splitName(name);
  return Buffer.concat([stem.subarray(0, longestName - mark.length - extension.length), mark, extension]);
}

function splitName(name: Uint8Array): { readonly stem: Uint8Array; readonly extension: Uint8Array } {
  const at = name.lastIndexOf(dot);
  const isExtension = at > 0 && name.length - at <= longestExtension;
  return isExtension
    ? { stem: name.subarray(0, at), extension: name.subarray(at) }
    : { stem: name, extension: new Uint8Array() };
}
