export interface Patience {
  /** Milliseconds. Default: twenty seconds, for a machine that does other work too. */
  readonly limit?: number;
  /** Milliseconds between two looks. Default: 25. */
  readonly pause?: number;
}

/**
 * Looks again and again until there is something to see.
 * @returns what `look` gave, the first time that it was neither undefined nor false.
 * @throws Error that says what was waited for.
 */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  { limit = 20_000, pause = 25 }: Patience = {},
): Promise<Value> {
  const started = performance.now();
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) {
      return value;
    }
    if (performance.now() - started > limit) {
      throw new Error(`Waited ${limit} ms in vain: ${what}.`);
    }
    await Bun.sleep(pause);
  }
}

/** The value of a promise that may not come. @throws Error that says what was waited for. */
export async function within<Value>(limit: number, what: string, promise: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited ${limit} ms in vain: ${what}.`)), limit);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
