/** Waits for a truthy value, with a limit. */
export async function until<Value>(
  look: () => Value | undefined | false,
  what: string,
  limit = 20_000,
): Promise<Value> {
  const started = performance.now();
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) {
      return value;
    }
    if (performance.now() - started > limit) {
      throw new Error(`Waited in vain: ${what}.`);
    }
    await Bun.sleep(10);
  }
}
