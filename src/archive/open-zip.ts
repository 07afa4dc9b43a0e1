import { openAsBlob } from 'node:fs';
import { BlobReader, configure, type Entry, type FileEntry, ZipReader } from '@zip.js/zip.js';
import { Fault } from '#core/fault.ts';

configure({ useWebWorkers: false });

/** A file in an archive that is read as it lies on the disk. */
export interface ZippedFile {
  readonly name: string;
  /** What the archive says that it has, in bytes. */
  readonly size: number;
  /** It calls itself a directory, and may have bytes all the same. */
  readonly isDirectory: boolean;
  /** @throws Fault `invalid_request` where its bytes are damaged, or the password is wrong */
  read(): ReadableStream<Uint8Array>;
}

export interface OpenedZip extends AsyncDisposable {
  readonly files: readonly ZippedFile[];
}

/**
 * Opens an archive without unpacking anything anywhere.
 * @throws Fault `invalid_request` where the file is no ZIP, `not_found` where there is none
 */
export async function openZip(path: string, password?: string): Promise<OpenedZip> {
  const reader = new ZipReader(new BlobReader(await open(path)), password === undefined ? {} : { password });
  try {
    const entries = await reader.getEntries();
    return {
      files: entries.map(fileOf),
      [Symbol.asyncDispose]: () => reader.close(),
    };
  } catch (cause) {
    await reader.close();
    throw new Fault('invalid_request', `${path} is no ZIP, or not a whole one.`, { cause });
  }
}

async function open(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch (cause) {
    throw new Fault('not_found', `${path} cannot be read.`, { cause, details: { what: 'file' } });
  }
}

function fileOf(entry: Entry): ZippedFile {
  const { filename: name, uncompressedSize: size, directory: isDirectory } = entry;
  return { name, size, isDirectory, read: () => (entry.directory ? new Blob([]).stream() : read(entry)) };
}

function read(entry: FileEntry): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // Mostly the library has ended the stream itself by then.
  void entry
    .getData(writable, { checkSignature: true })
    .catch((cause: unknown) => writable.abort(cause).catch(() => undefined));
  const reader = readable.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw faultOf(entry, cause);
      });
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function faultOf({ filename, encrypted }: FileEntry, cause: unknown): Fault {
  const advice = encrypted ? ' The archive is encrypted: give its password, or the right one.' : '';
  return new Fault('invalid_request', `${filename} in the archive cannot be read whole.${advice}`, { cause });
}
