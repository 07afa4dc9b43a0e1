import { PathText } from '../../kit/path-text.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import type { Action } from '../../words/statuses.ts';

type Pattern = NonNullable<Action['about']['pattern']>;

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

/** The same for a narrow column. */
export function ShortAbout({ about }: { readonly about: Action['about'] }) {
  const { path, pathsCount, pattern, undoes } = about;
  return path !== null && pathsCount === 1 && pattern === null && undoes === null ? (
    <PathText path={path} />
  ) : (
    <About about={about} />
  );
}

export function About({ about }: { readonly about: Action['about'] }) {
  return <ShownText text={aboutText(about)} />;
}
