import { setTimeout as wait } from 'node:timers/promises';

const patience = 5_000;
const pause = 10;

/** Waits for something that has no message to wait for; throws when it does not come. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < patience; waited += pause) {
    if (await condition()) {
      return;
    }
    await wait(pause);
  }
  throw new Error('What was waited for did not come.');
}
