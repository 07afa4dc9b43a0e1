import { PathText } from '../kit/path-text.tsx';
import { ShownText } from '../kit/shown-text.tsx';
import { aboutText } from '../words/about.ts';
import type { Action } from '../words/statuses.ts';

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
