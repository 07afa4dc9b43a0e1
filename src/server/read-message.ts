import type { IncomingMessage } from 'node:http';

export interface MessageBound {
  /** Bytes. */
  readonly most: number;
  /** What is thrown beyond them. */
  readonly tooLong: () => Error;
}

/** The whole body of one message; one that is longer is given up as soon as that shows. Its connection stays: a request is to be answered. */
export async function readMessage(message: IncomingMessage, { most, tooLong }: MessageBound): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) {
      throw tooLong();
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
