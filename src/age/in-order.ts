/** Chunks that are being encrypted or decrypted at one time: enough for all threads, and the bound on memory. */
export const inFlight = 16;

/**
 * Starts the work of a source ahead, at most `inFlight` of it, and hands out the results in the source's order. The first
 * failure is thrown when its turn comes; nothing behind it is handed out.
 */
export async function* inOrder<Result>(started: Iterable<Promise<Result>>): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  for (const work of started) {
    // Its failure is looked at in its turn; until then it must not count as unhandled.
    work.catch(() => undefined);
    pending.push(work);
    if (pending.length >= inFlight) {
      yield* first(pending);
    }
  }
  while (pending.length > 0) {
    yield* first(pending);
  }
}

async function* first<Result>(pending: Promise<Result>[]): AsyncGenerator<Result> {
  const next = pending.shift();
  if (next !== undefined) {
    yield await next;
  }
}
