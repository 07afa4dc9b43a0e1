/** What no name of a file on the reader's machine may have: what turns text around, controls, and separators of folders. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}/\\:*?"<>|]/gu;

/** Has the browser keep bytes that are already here as a file, under this name, whatever they are: it shows and runs none of them. */
export function saveFile(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  saveFrom(address, name);
  URL.revokeObjectURL(address);
}

/**
 * Has the browser fetch a file and write it to its disk as it comes, however large it is. It tells no page how that ends; what the server
 * refuses it neither shows nor keeps.
 * @param address of an attachment on this very server
 */
export function saveFrom(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replaceAll(unsafe, '_');
  document.body.append(link);
  link.click();
  link.remove();
}

interface Streamed {
  readonly body: ReadableStream<Uint8Array>;
  readonly suggestedName: string | undefined;
}

/** Waits for the last byte: what breaks off is saved as nothing. @returns how many bytes there were */
export async function saveStream({ body, suggestedName }: Streamed, usualName: string): Promise<number> {
  const blob = await new Response(body).blob();
  saveFile(blob, suggestedName ?? usualName);
  return blob.size;
}
