/** What no name of a file on the reader's machine may have: what turns text around, controls, and what is a folder or more somewhere. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}/\\:*?"<>|]/gu;

/** Has the browser keep bytes that are already here as a file, under this name; it may be from an endpoint, and so hostile. */
export function saveFile(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replaceAll(unsafe, '_');
  link.click();
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
