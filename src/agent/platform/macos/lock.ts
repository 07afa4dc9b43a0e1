import fs from 'node:fs';
import { systemErrorCode } from '../system-error.ts';
import { lockFlag } from './constants.ts';
import { checked, libSystem } from './libsystem.ts';

export function lock(path: string, options: { readonly wait: boolean }): (() => void) | undefined {
  const { O_CREAT, O_RDWR, O_NOFOLLOW } = fs.constants;
  const file = fs.openSync(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
  const flags = options.wait ? lockFlag.exclusive : lockFlag.exclusive | lockFlag.nonBlocking;
  try {
    checked('flock', libSystem.flock(file, flags));
    return () => fs.closeSync(file);
  } catch (failure) {
    fs.closeSync(file);
    if (systemErrorCode(failure) === 'EAGAIN') {
      return undefined;
    }
    throw failure;
  }
}
