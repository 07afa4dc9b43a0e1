/** Gives back what this process holds and is not using: garbage, and on Linux the pages of its own code. */
export async function giveBackMemory(): Promise<void> {
  Bun.gc(true);
  if (process.platform === 'linux') {
    const { letGoOfOwnCode } = await import('./linux/own-code.ts');
    letGoOfOwnCode();
  }
}
