import type { FilePath } from '#core/file/file-path.ts';
import { displayPath } from '#core/file/file-path.ts';
import { UnsafePath } from '../platform.ts';
import { fromWtf8 } from './wtf8.ts';

export interface WindowsPath {
  /** An upper-case letter. */
  readonly drive: string;
  readonly components: readonly string[];
}

/** What no name on a Windows disk can hold. A colon would name a stream of a file, and a star would be a pattern. */
const unnameable = /[<>:"|?*/\\\p{Cc}]/u;

/**
 * Takes one spelling only, `C:\directory\name`, so that a path means the same to all who read it: no `\\server\share`
 * (whose owner would decide what the agent reads), no `\\?\`, no `/`, no `.`, `..` and empty components.
 *
 * What other programs do to names is not done here: the NT calls take `nul`, `file.` and `file ` as they stand, which is
 * how such files are reached at all, and malware likes such names because most programs cannot.
 * @throws UnsafePath for everything else.
 */
export function parseWindowsPath(path: FilePath): WindowsPath {
  const text = read(path);
  const [drive = '', ...components] = text.split('\\');
  if (text.startsWith('\\\\')) {
    throw new UnsafePath(
      `${displayPath(path)} is a network or device path, and Custody takes files of this machine’s drives.`,
    );
  }
  if (!/^[A-Za-z]:$/.test(drive) || components.length === 0) {
    throw new UnsafePath(`${displayPath(path)} is no absolute path such as C:\\directory\\name.`);
  }
  const named = components.length === 1 && components[0] === '' ? [] : components;
  for (const component of named) {
    demandComponent(path, component);
  }
  return { drive: drive.slice(0, 1).toUpperCase(), components: named };
}

function demandComponent(path: FilePath, component: string): void {
  if (component === '' || component === '.' || component === '..') {
    throw new UnsafePath(`${displayPath(path)} holds an empty, "." or ".." component.`);
  }
  if (component.includes(':')) {
    throw new UnsafePath(`${displayPath(path)} names a stream of a file; name the file itself.`);
  }
  if (unnameable.test(component) || component.length > 255) {
    throw new UnsafePath(`${displayPath(path)} holds a name that no Windows disk can have.`);
  }
}

function read(path: FilePath): string {
  try {
    return fromWtf8(path);
  } catch (cause) {
    throw Object.assign(new UnsafePath(`${displayPath(path)} is no path in WTF-8.`), { cause });
  }
}

/** The NT name of a drive's root directory. */
export function driveRoot(drive: string): string {
  return `\\??\\${drive}:\\`;
}

/** What GetFinalPathNameByHandleW says, as a path is spelled here; undefined for what is on no drive. */
export function fromFinalPath(path: string): string | undefined {
  const match = /^\\\\\?\\([A-Za-z]):(\\.*)$/su.exec(path);
  return match?.[1] === undefined ? undefined : `${match[1].toUpperCase()}:${match[2] ?? ''}`;
}

/** Whether the name could be the short alias that Windows makes up for a longer one, such as `PROGRA~1`. */
export function looksShort(name: string): boolean {
  return /^[^.]{1,8}(\.[^.]{1,3})?$/u.test(name) && /~\d/.test(name);
}

/** Device names of DOS, which ordinary programs never take for a file, whatever stands behind the first dot. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])[ ]*(\.|$)/iu;

/** Whether ordinary programs would not reach a file of this name: none is made here that they could not remove. */
export function isUnreachableName(name: string): boolean {
  return reserved.test(name) || /[. ]$/u.test(name);
}
