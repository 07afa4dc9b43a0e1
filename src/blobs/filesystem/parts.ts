import { open, readFile } from 'node:fs/promises';
import { partsSuffix } from './layout.ts';

/** One durable part of an upload. */
export interface Part {
  /** The size of the upload with it. */
  readonly end: number;
  /** SHA-256 of its bytes as they arrived. */
  readonly sha256: string;
}

/** One line: the end in 16 digits, a space, the hash, a line feed. Lines of one length can be cut off and counted. */
const lineBytes = 16 + 1 + 64 + 1;
const line = /^(\d{16}) ([0-9a-f]{64})\n$/;

/**
 * The parts of an upload, as far as the list is whole: a line that a crash tore is the end of it. None when there is no list.
 * The list is what counts: bytes behind its last part were never made durable, and may be anything after a loss of power.
 */
export async function readParts(path: string): Promise<readonly Part[]> {
  const text = await readFile(path + partsSuffix, 'latin1').catch((thrown: unknown) => {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') {
      return '';
    }
    throw thrown;
  });
  const parts: Part[] = [];
  for (let at = 0; at < text.length; at += lineBytes) {
    const match = line.exec(text.slice(at, at + lineBytes));
    const end = Number(match?.[1]);
    if (match?.[2] === undefined || end < (parts.at(-1)?.end ?? 0)) {
      break;
    }
    parts.push({ end, sha256: match[2] });
  }
  return parts;
}

/** Adds a part to the first `count`, durably; whatever followed them is cut off. */
export async function writePart(path: string, count: number, part: Part | undefined): Promise<void> {
  const handle = await open(path + partsSuffix, count === 0 ? 'w' : 'r+', 0o600);
  try {
    await handle.truncate(count * lineBytes);
    if (part !== undefined) {
      const text = `${String(part.end).padStart(16, '0')} ${part.sha256}\n`;
      await handle.write(Buffer.from(text, 'latin1'), 0, lineBytes, count * lineBytes);
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
