import fs from 'node:fs';

/** The current file, and the one before it. */
export interface RotatingFile {
  readonly current: string;
  readonly previous: string;
}

/**
 * Appends lines to a file of the agent's own, 0600. Before it would pass `most` bytes it takes the place of the one before, so
 * that the two never hold more than twice as much. A disk that takes nothing more must not be the end of the agent: lines are
 * then lost, and the next one tries again.
 */
export function rotatingFile({ current, previous }: RotatingFile, most: number): (line: string) => void {
  let size: number | undefined;
  const append = (line: string) => {
    const bytes = Buffer.from(line);
    size ??= sizeOf(current);
    if (size > 0 && size + bytes.length > most) {
      fs.renameSync(current, previous);
      size = 0;
    }
    fs.appendFileSync(current, bytes, { mode: 0o600 });
    size += bytes.length;
  };
  return (line) => {
    try {
      append(line);
    } catch {
      size = undefined;
    }
  };
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
