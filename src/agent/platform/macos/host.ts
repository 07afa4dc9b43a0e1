import { readFileSync } from 'node:fs';
import os from 'node:os';

const versionFile = '/System/Library/CoreServices/SystemVersion.plist';

/** `macOS` and its version, such as `15.1`; Darwin's own where the system's file cannot be read. */
export function operatingSystem(): { readonly name: string; readonly version: string } {
  try {
    return readSystemVersion(readFileSync(versionFile, 'utf8'));
  } catch {
    return { name: os.type(), version: os.release() };
  }
}

/** The two values that are wanted of a property list in XML. */
export function readSystemVersion(list: string): { readonly name: string; readonly version: string } {
  const value = (key: string) => new RegExp(`<key>${key}</key>\\s*<string>([^<]*)</string>`).exec(list)?.[1];
  return { name: value('ProductName') ?? os.type(), version: value('ProductVersion') ?? os.release() };
}
