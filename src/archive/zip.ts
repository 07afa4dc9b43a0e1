import { configure, ZipWriter } from '@zip.js/zip.js';
import type { ArchiveEntry, ArchiveOptions, Archiver } from '#core/ports/archiver.ts';
import { exactly } from './exactly.ts';

/** Fast enough not to be the bottleneck; evidence is mostly executables, where higher levels win a few per cent. */
const level = 6;

/** What every archive is written with: plain deflate, one stream at a time, no threads. */
const writing = {
  useWebWorkers: false,
  useCompressionStream: true,
  useUnicodeFileNames: true,
  keepOrder: true,
  bufferedWrite: false,
  extendedTimestamp: false,
  level,
  encryptionStrength: 3,
} as const;

/**
 * The library counts every entry that is being written against a pool for workers, although it uses none here: without
 * this, as many slow readers as the machine has cores would hold up every other archive.
 */
configure({ useWebWorkers: false, maxWorkers: Number.MAX_SAFE_INTEGER });

/**
 * An `Archiver` whose files say "v2.0 to extract" and are plain deflate, which every unzip since 1993 opens; encrypted ones
 * say "v5.1", and open with 7-Zip, WinZip and pyzipper.
 */
export function createZipArchiver(): Archiver {
  return { zip };
}

/** Nothing is opened before the first bytes are asked for, so an archive that nobody reads costs nothing. */
function zip(entries: readonly ArchiveEntry[], options: ArchiveOptions = {}): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const reader = readable.getReader();
  const stop = new AbortController();
  let started = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!started) {
          started = true;
          void write(new ZipWriter(writable, { ...writing, ...options }), { entries, writable, signal: stop.signal });
        }
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }
        controller.enqueue(value);
      },
      async cancel(reason) {
        // The ZIP writer lets go of an entry's stream without ending it, and with it of the open file behind.
        stop.abort(reason);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

interface Writing {
  readonly entries: readonly ArchiveEntry[];
  readonly writable: WritableStream<Uint8Array>;
  readonly signal: AbortSignal;
}

/** Whatever fails, fails the reader: an archive that ends is whole. */
async function write(writer: ZipWriter<unknown>, { entries, writable, signal }: Writing): Promise<void> {
  try {
    for (const entry of entries) {
      signal.throwIfAborted();
      await add(writer, entry, signal);
    }
    await writer.close();
  } catch (thrown) {
    // Refused when the reader has gone away, which is then the very error that was thrown.
    await writable.abort(thrown).catch(() => undefined);
  }
}

async function add(writer: ZipWriter<unknown>, entry: ArchiveEntry, signal: AbortSignal): Promise<void> {
  const content = await entry.open();
  const lastModDate = new Date(entry.modifiedAt);
  if (entry.size === undefined) {
    const whole = content.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal });
    await writer.add(entry.name, whole, { lastModDate });
    return;
  }
  const whole = exactly(content, entry.size, signal);
  await writer.add(entry.name, whole, { lastModDate, uncompressedSize: entry.size });
}
