export interface StopSources {
  /** Stops too, beside SIGINT and SIGTERM. */
  readonly signal: AbortSignal | undefined;
  /** Whether the end of standard input stops, too. */
  readonly withInput: boolean;
}

/** Given at the first reason to stop. Listens no longer once it is disposed of. */
export function stopSignal(sources: StopSources): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  if (sources.withInput) {
    process.stdin.once('end', stop).once('error', stop).resume();
  }
  const signal =
    sources.signal === undefined ? controller.signal : AbortSignal.any([sources.signal, controller.signal]);
  return {
    signal,
    [Symbol.dispose]() {
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
      if (sources.withInput) {
        process.stdin.removeListener('end', stop).removeListener('error', stop).pause();
      }
    },
  };
}
