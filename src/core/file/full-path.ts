import type { Platform } from '../endpoint/platform.ts';
import { type FilePath, isFilePath, longestPath, parsePath } from './file-path.ts';

const drive = /^[A-Za-z]:[\\/]/;
const share = /^\\\\[^\\/]/;

/** Names that lead elsewhere than down, or to nothing: an agent follows none of them. */
const detour = /^\.{0,2}$/;

/** A path from the root down, with the escapes of `displayPath` for names that are no UTF-8; undefined where it is none. */
export function readPosixPath(text: string): FilePath | undefined {
  const length = new TextEncoder().encode(text).length;
  const isStraight = !text
    .slice(1)
    .split('/')
    .some((name) => detour.test(name));
  const full = text.startsWith('/') && isStraight && length <= longestPath && !/\0|\\x00/.test(text);
  return full ? parsePath(text) : undefined;
}

/** A path from a drive or a share down; undefined where it is none. Taken literally: in a Windows path, `\x64` is a directory. */
export function readWindowsPath(text: string): FilePath | undefined {
  const bytes = new TextEncoder().encode(text);
  const full = drive.test(text) || share.test(text);
  const isStraight = !text.split(/[\\/]/).some((name) => name === '.' || name === '..');
  return full && isStraight && isFilePath(bytes) ? bytes : undefined;
}

/** A full path as endpoints of this platform have it; undefined where the text is none, or no text that can be encoded. */
export function readFullPath(platform: Platform, text: string): FilePath | undefined {
  if (!text.isWellFormed()) {
    return undefined;
  }
  return platform === 'windows' ? readWindowsPath(text) : readPosixPath(text);
}
