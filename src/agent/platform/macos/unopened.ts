import type { Handle } from '../platform.ts';
import type { MacStat } from './stat.ts';

const unopened = new Map<Handle, MacStat>();
let last = -1_000_000;

/**
 * A handle for what must not be opened: macOS has no O_PATH, and opening a device or a fifo does things (promise P8). It is
 * known by what fstatat(2) said of it; everything but its facts fails with EBADF, because no descriptor is negative.
 */
export function holdUnopened(facts: MacStat): Handle {
  last -= 1;
  const handle = last as Handle;
  unopened.set(handle, facts);
  return handle;
}

export function factsOfUnopened(handle: Handle): MacStat | undefined {
  return unopened.get(handle);
}

/** Whether there was such a handle. */
export function letGoUnopened(handle: Handle): boolean {
  return unopened.delete(handle);
}
