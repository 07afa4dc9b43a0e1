import type { Download } from '#sdk/download.ts';

/** What no name of a file on the reader's machine may have: what turns text around, controls, and separators of folders. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}/\\:*?"<>|]/gu;

/** Gives a download to the browser, once all of it has come. @returns how many bytes it has */
export async function saveFile({ suggestedName, body }: Download, otherwise: string): Promise<number> {
  const blob = await new Response(body).blob();
  const bytes = new Blob([blob], { type: 'application/octet-stream' });
  const url = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = url;
  link.download = (suggestedName ?? otherwise).replaceAll(unsafe, '_');
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
  return bytes.size;
}
