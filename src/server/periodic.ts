import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { Milliseconds } from '#core/time.ts';

/** Repeats work with a pause after each run; a failure is logged and the next run comes all the same. */
export function repeat(
  ports: { readonly clock: Clock; readonly log: Log },
  pause: Milliseconds,
  work: () => Promise<void>,
): () => Promise<void> {
  let stopped = false;
  let running = Promise.resolve();
  let withdraw = ports.clock.schedule(pause, run);
  return async () => {
    stopped = true;
    withdraw();
    await running;
  };

  function run(): void {
    running = work()
      .catch((cause: unknown) => ports.log.error('Periodic work failed; it will be tried again.', { cause }))
      .then(() => {
        if (!stopped) {
          withdraw = ports.clock.schedule(pause, run);
        }
      });
  }
}
