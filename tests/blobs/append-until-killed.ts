import { randomUUID } from 'node:crypto';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import { evidenceKeys } from '#kit/evidence-keys.ts';
import { patternedBytes } from './patterned-bytes.ts';

/** The child of the crash test: appends part after part, printing what was acknowledged, until it is killed. */
const [directory = '', upload = ''] = process.argv.slice(2);
const blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random: { uuid: randomUUID } });
const partBytes = 300_000;
const chunkBytes = 10_000;

function partFrom(offset: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        // Slow enough that a kill at a random moment falls into a part, and not only between two.
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (sent === partBytes) {
          controller.close();
          return;
        }
        controller.enqueue(patternedBytes(offset + sent, chunkBytes));
        sent += chunkBytes;
      },
    },
    { highWaterMark: 0 },
  );
}

let offset = await blobs.staged(upload as UploadId);
for (;;) {
  offset = await blobs.append(upload as UploadId, { offset, body: partFrom(offset), limit: Number.MAX_SAFE_INTEGER });
  process.stdout.write(`${offset}\n`);
}
