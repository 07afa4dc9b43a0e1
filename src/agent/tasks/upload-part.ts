import { type FileHandle, open } from 'node:fs/promises';
import type { Bandwidth } from '../link/bandwidth.ts';

/** Read at once. */
const pieceBytes = 64 * 1024;

export interface PartOfFile {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly signal: AbortSignal;
}

/**
 * One part of a file, pulled only as fast as the connection takes it and the bandwidth allows: a large file never stands
 * in memory. A file that has lost its end breaks the stream.
 */
export function partOf(part: PartOfFile, bandwidth: Bandwidth): ReadableStream<Uint8Array> {
  let handle: FileHandle | undefined;
  let sent = 0;
  const close = async () => {
    await handle?.close();
    handle = undefined;
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        handle ??= await open(part.file, 'r');
        const wanted = Math.min(pieceBytes, bandwidth.piece, part.length - sent);
        const buffer = new Uint8Array(wanted);
        const { bytesRead } = await handle.read(buffer, 0, wanted, part.offset + sent);
        sent += bytesRead;
        if (bytesRead === 0) {
          await close();
          throw new Error(`${part.file} has lost its end.`);
        }
        await bandwidth.take(bytesRead, part.signal);
        if (part.signal.aborted) {
          await close();
          throw new Error('The agent is stopping.');
        }
        controller.enqueue(buffer.subarray(0, bytesRead));
        if (sent === part.length) {
          await close();
          controller.close();
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
