import { chmod } from 'node:fs/promises';

/** Shuts a directory of our own to every other user; on Windows, where a mode says nothing, by its access list. */
export async function makePrivate(directory: string): Promise<void> {
  if (process.platform === 'win32') {
    const { shutDirectory } = await import('./windows/security.ts');
    shutDirectory(directory);
  } else {
    await chmod(directory, 0o700);
  }
}
