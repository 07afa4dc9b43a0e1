import { TextWriter, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';

/** The files of an archive, name to text. */
export async function unzip(bytes: Uint8Array, password?: string): Promise<Record<string, string>> {
  const options = { useWebWorkers: false, checkSignature: true, ...(password !== undefined && { password }) };
  const reader = new ZipReader(new Uint8ArrayReader(bytes), options);
  const files: Record<string, string> = {};
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) {
      files[entry.filename] = await entry.getData(new TextWriter());
    }
  }
  await reader.close();
  return files;
}
