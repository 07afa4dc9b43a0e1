import type { Platform as PlatformName } from '#core/endpoint/platform.ts';
import { operatingSystem as linux } from './linux/host.ts';
import { operatingSystem as macos } from './macos/host.ts';
import { platformName } from './system-name.ts';
import { operatingSystem as windows } from './windows/host.ts';

interface OperatingSystem {
  readonly name: string;
  readonly version: string;
}

const readers = { linux, macos, windows } as const satisfies Record<PlatformName, () => OperatingSystem>;

/** What this machine runs, in its maker's words. */
export function operatingSystem(): OperatingSystem {
  return readers[platformName()]();
}
