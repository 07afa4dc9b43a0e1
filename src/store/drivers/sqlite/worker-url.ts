/**
 * Where the thread's program is. In a one-file executable every module has the executable's own URL, and further
 * entry points lie beside it by their path under `src/`, which is the build's root: `bun build --compile src/main.ts
 * src/store/drivers/sqlite/worker.ts`.
 */
export const workerUrl: URL = isCompiled(import.meta.url)
  ? new URL('./store/drivers/sqlite/worker.js', import.meta.url)
  : new URL('./worker.ts', import.meta.url);

/** The two places where Bun mounts an executable's own files: everywhere else, and on Windows. */
function isCompiled(url: string): boolean {
  return url.includes('/$bunfs/root/') || url.includes('/~BUN/root/');
}
