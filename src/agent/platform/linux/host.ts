import { readFileSync } from 'node:fs';
import os from 'node:os';

export function operatingSystem(): { readonly name: string; readonly version: string } {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    const value = (key: string) => lines.find((each) => each.startsWith(`${key}=`))?.slice(key.length + 1);
    const plain = (text: string | undefined) => text?.replace(/^["']|["']$/g, '');
    return { name: plain(value('NAME')) ?? os.type(), version: plain(value('VERSION_ID')) ?? os.release() };
  } catch {
    return { name: os.type(), version: os.release() };
  }
}
