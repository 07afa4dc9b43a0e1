import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { UnsafePath } from './platform.ts';

export const slash = 0x2f;

/**
 * The components of a path.
 * @throws UnsafePath for everything that is not a plain absolute path, so that a path means the same to all who read it.
 */
export function plainComponents(path: FilePath): readonly Uint8Array[] {
  const components = splitBytes(path).slice(1);
  const isPlain = path[0] === slash && components.every((part) => part.length > 0 && !isDot(part) && !isDotDot(part));
  if (!isPlain) {
    throw new UnsafePath(`${displayPath(path)} is no absolute path without empty, "." and ".." components.`);
  }
  return components;
}

/** The components of a link's target: empty ones and "." mean nothing there; ".." stays for the system to resolve. */
export function targetComponents(target: Uint8Array): readonly Uint8Array[] {
  return splitBytes(target).filter((part) => part.length > 0 && !isDot(part));
}

function splitBytes(path: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let end = path.indexOf(slash); end !== -1; end = path.indexOf(slash, start)) {
    parts.push(path.subarray(start, end));
    start = end + 1;
  }
  parts.push(path.subarray(start));
  return parts;
}

function isDot(part: Uint8Array): boolean {
  return part.length === 1 && part[0] === 0x2e;
}

function isDotDot(part: Uint8Array): boolean {
  return part.length === 2 && part[0] === 0x2e && part[1] === 0x2e;
}
