import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { safePart as safe } from '#core/file/safe-part.ts';

/** A ZIP's names have at most 65,535 bytes; tools and file systems give up long before. */
const longestName = 1_000;

/**
 * One name inside an archive for each path: the path itself where that is harmless. Relative, without `..`, without
 * anything that an unpacker takes for a separator or a drive, and no two alike even where case does not count.
 */
export function archiveNames(paths: readonly FilePath[], taken: readonly string[]): readonly string[] {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  return paths.map((path) => {
    const wanted = safeName(displayPath(path));
    let name = wanted;
    for (let copy = 2; used.has(name.toLowerCase()); copy += 1) {
      name = `${copy}/${wanted}`;
    }
    used.add(name.toLowerCase());
    return name;
  });
}

function safeName(path: string): string {
  const separator = path.startsWith('/') ? /\// : /[\\/]/;
  const parts = path.split(separator).map(safePart);
  const name = parts.filter((part) => part !== '').join('/');
  return name === '' ? 'file' : name.slice(-longestName).replace(/^\/+/, '');
}

function safePart(part: string): string {
  return /^\.{0,2}$/.test(part) ? '' : safe(part);
}
