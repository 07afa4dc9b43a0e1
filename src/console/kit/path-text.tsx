import { ShownText } from './shown-text.tsx';

/** A path in a narrow place: the name first, since what is cut off is the end. */
export function PathText({ path }: { readonly path: string }) {
  const at = nameAt(path);
  const [folder, name] = [path.slice(0, at), path.slice(at)];
  return folder === '' || name === '' ? (
    <ShownText text={path} />
  ) : (
    <span>
      <ShownText text={name} />{' '}
      <span className="mute">
        <ShownText text={folder} />
      </span>
    </span>
  );
}

/** Bytes that are no text stand as `\xNN` in a path: such a backslash parts no folders. */
const windowsParts = /\\(?!x[0-9a-f]{2})/g;

function nameAt(path: string): number {
  if (path.startsWith('/')) {
    return path.lastIndexOf('/') + 1;
  }
  return ([...path.matchAll(windowsParts)].at(-1)?.index ?? -1) + 1;
}
