/** What no name of a file on the reader's machine may have: what turns text around, controls, and separators of folders. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}/\\:*?"<>|]/gu;

/** Has the browser keep bytes that are already here as a file, under this name, whatever they are: it shows and runs none of them. */
export function saveFile(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replaceAll(unsafe, '_');
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(address);
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
