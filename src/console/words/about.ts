import { counted } from './amounts.ts';
import type { Action } from './statuses.ts';

type Pattern = NonNullable<Action['about']['pattern']>;

/** What a search can look for. Total. */
export const patternWords: Readonly<Record<Pattern['by'], string>> = {
  glob: 'Path like a pattern: * within a folder, ** across folders',
  path: 'Just this path',
  sha256: 'SHA-256',
  sha1: 'SHA-1',
  md5: 'MD5',
  regex: 'Path by a regular expression',
};

/** What a search looks for, in words. */
export function patternText(pattern: Pattern): string {
  switch (pattern.by) {
    case 'sha256':
      return `SHA-256 ${pattern.sha256}`;
    case 'sha1':
      return `SHA-1 ${pattern.sha1}`;
    case 'md5':
      return `MD5 ${pattern.md5}`;
    case 'path':
      return pattern.path;
    case 'glob':
      return pattern.glob;
    case 'regex':
      return `regular expression ${pattern.regex}`;
  }
}

/** What an action was ordered for, on one line. */
export function aboutText({ path, pathsCount, sha256, undoes, pattern }: Action['about']): string {
  if (pattern !== null) {
    return patternText(pattern);
  }
  if (undoes !== null) {
    return `the quarantine ${undoes}`;
  }
  if (path !== null) {
    return pathsCount === 1 ? path : `${path} and ${counted(pathsCount - 1, 'more file')}`;
  }
  return sha256 === null ? '' : `SHA-256 ${sha256}`;
}
