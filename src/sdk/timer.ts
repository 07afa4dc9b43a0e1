/**
 * Resolves after `milliseconds`, or as soon as the signal is aborted. The SDK's one adapter to the runtime's time, where nobody supplies
 * another.
 */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export const systemPause: Pause = (milliseconds, signal) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) {
    return Promise.resolve();
  }
  const timer = setTimeout(ended, milliseconds);
  signal?.addEventListener('abort', ended);
  return promise;

  function ended(): void {
    clearTimeout(timer);
    signal?.removeEventListener('abort', ended);
    resolve();
  }
};
