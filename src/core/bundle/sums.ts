import { isSha256, type Sha256 } from '../file/hash.ts';

export interface Sum {
  readonly name: string;
  readonly sha256: Sha256;
}

/** As `sha256sum -c` reads it. Names in a bundle have no backslash and no line break. */
export function writeSums(sums: readonly Sum[]): string {
  return sums.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');
}

/** Undefined where the text is something else, or names a file twice. */
export function readSums(text: string): readonly Sum[] | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '') {
    return undefined;
  }
  const sums = lines.flatMap((line) => {
    const [sha256, name] = [line.slice(0, 64), line.slice(66)];
    return isSha256(sha256) && line.slice(64, 66) === '  ' && name !== '' ? [{ sha256, name }] : [];
  });
  const isWhole = sums.length === lines.length && new Set(sums.map(({ name }) => name)).size === sums.length;
  return isWhole ? sums : undefined;
}
