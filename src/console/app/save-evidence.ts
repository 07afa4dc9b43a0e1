import { saveFile, saveFrom } from '../kit/save-file.ts';
import { bytesText } from '../words/amounts.ts';
import { client } from './client.ts';

/** One fetched file, as the server has it. */
export interface FetchedFile {
  readonly place: Parameters<typeof client.downloadFile>[0];
  /** In bytes. */
  readonly size: number;
  readonly sha256: string | null;
}

interface Saving {
  readonly reason: string | undefined;
  /** Told how many bytes have come, where they come through here. */
  readonly onProgress?: (received: number) => void;
}

/** Beyond it a file goes past the page, straight to the disk: the memory of a browser is no place for a disk image. */
const mostInMemory = 64 * 1024 ** 2;

/**
 * Brings a file into the browser's downloads. What fits into memory is compared with its hash before it is saved, and half of it is never
 * saved; a larger one the browser fetches itself, after the server has said that it can be had.
 * @returns what came of it, in words
 * @throws ApiError for what the server refuses, and Error for bytes that are not those of the hash
 */
export async function saveEvidence({ place, size, sha256 }: FetchedFile, saving: Saving): Promise<string> {
  const query = saving.reason === undefined ? {} : { reason: saving.reason };
  if (size > mostInMemory) {
    const { address, suggestedName } = await client.offerFile(place, query);
    saveFrom(address, suggestedName ?? 'file');
    return `The browser saves ${bytesText(size)}; how far it is, and whether it broke off, stands among its own downloads.`;
  }
  const { body, suggestedName } = await client.downloadFile(place, query);
  const blob = await new Response(body.pipeThrough(counting(saving.onProgress))).blob();
  await demandHash(blob, sha256);
  saveFile(blob, suggestedName ?? 'file');
  return `All ${bytesText(blob.size)} have come, with the right hash; the browser has saved them.`;
}

/** All files of a fetch as one ZIP, whatever its size. @returns what came of it, in words @throws ApiError */
export async function saveArchive(actionId: string): Promise<string> {
  const { address, suggestedName } = await client.offerAction(actionId);
  saveFrom(address, suggestedName ?? `${actionId}.zip`);
  return 'The browser saves the archive; whether all of it has come stands among its own downloads.';
}

async function demandHash(blob: Blob, sha256: string | null): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (sha256 !== null && found !== sha256) {
    throw new Error('What came has another hash than what was fetched. It was not saved.');
  }
}

function counting(told?: (received: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let received = 0;
  return new TransformStream({
    transform(chunk, controller) {
      received += chunk.length;
      told?.(received);
      controller.enqueue(chunk);
    },
  });
}
