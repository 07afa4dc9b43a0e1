/** The byte between the components of this machine's paths: a slash, and on Windows a backslash. */
export const separatorByte = process.platform === 'win32' ? 0x5c : 0x2f;

/** The directory that the last component of a path is in; a root keeps its separator (`/`, `C:\`). */
export function directoryOf(path: Uint8Array, separator: number = separatorByte): Uint8Array {
  const end = path.lastIndexOf(separator);
  const first = path.indexOf(separator);
  return path.subarray(0, end === first ? end + 1 : end);
}
