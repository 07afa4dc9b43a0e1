import { existsSync } from 'node:fs';
import { Fault } from '#core/fault.ts';
import type { Platform } from './platform.ts';

/**
 * The operating system that this process runs on.
 * @throws Fault `invalid_request` where the agent has no platform room for it yet.
 */
export async function currentPlatform(): Promise<Platform> {
  if (process.platform !== 'linux') {
    throw new Fault('invalid_request', `The agent does not run on ${process.platform} yet; it runs on Linux.`);
  }
  if (!existsSync('/proc/self/fd')) {
    throw new Fault('invalid_request', 'The agent needs /proc, to open files safely. Mount it.');
  }
  const { linux } = await import('./linux/linux.ts');
  return linux;
}
