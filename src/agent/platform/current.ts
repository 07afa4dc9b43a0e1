import { existsSync } from 'node:fs';
import { Fault } from '#core/fault.ts';
import type { Platform } from './platform.ts';

/**
 * The operating system that this process runs on. Each room is loaded on its own system only: the libraries that it opens
 * are nowhere else.
 * @throws Fault `invalid_request` where the agent has no platform room, or not what it needs there.
 */
export async function currentPlatform(): Promise<Platform> {
  switch (process.platform) {
    case 'linux':
      return await linuxPlatform();
    case 'darwin': {
      const { macos } = await import('./macos/macos.ts');
      return macos;
    }
    case 'win32': {
      const { windows } = await import('./windows/windows.ts');
      return windows;
    }
    default:
      throw new Fault(
        'invalid_request',
        `The agent does not run on ${process.platform}; it runs on Linux, macOS and Windows.`,
      );
  }
}

async function linuxPlatform(): Promise<Platform> {
  if (!existsSync('/proc/self/fd')) {
    throw new Fault('invalid_request', 'The agent needs /proc, to open files safely. Mount it.');
  }
  const { linux } = await import('./linux/linux.ts');
  return linux;
}
