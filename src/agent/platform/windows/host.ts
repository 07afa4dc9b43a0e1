import os from 'node:os';

/** The system's name as it is sold, such as `Windows 11 Pro`, and its build, such as `10.0.26100`. */
export function operatingSystem(): { readonly name: string; readonly version: string } {
  return { name: os.version(), version: os.release() };
}
