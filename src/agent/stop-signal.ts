/** Given at the first SIGINT or SIGTERM, or with the outer signal. Listens no longer once it is disposed of. */
export function stopSignal(outer: AbortSignal | undefined): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const signal = outer === undefined ? controller.signal : AbortSignal.any([outer, controller.signal]);
  return {
    signal,
    [Symbol.dispose]() {
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
    },
  };
}
