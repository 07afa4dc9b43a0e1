import { ShownText } from './shown-text.tsx';

/** A path on one line of a table: the name first, which a narrow column would cut off. */
export function PathText({ path }: { readonly path: string }) {
  const at = path.lastIndexOf(path.startsWith('/') ? '/' : '\\');
  const name = path.slice(at + 1);
  return at < 0 || name === '' ? (
    <ShownText text={path} />
  ) : (
    <>
      <ShownText text={name} />{' '}
      <span className="mute">
        in <ShownText text={path.slice(0, Math.max(1, at))} />
      </span>
    </>
  );
}
