import type { Platform as PlatformName } from '#core/endpoint/platform.ts';

const names = { linux: 'Linux', macos: 'macOS', windows: 'Windows' } as const satisfies Record<PlatformName, string>;

/** This machine's kind, as the server knows it. */
export function platformName(system: NodeJS.Platform = process.platform): PlatformName {
  if (system === 'darwin') {
    return 'macos';
  }
  return system === 'win32' ? 'windows' : 'linux';
}

/** The same for people. */
export function systemName(): string {
  return names[platformName()];
}
