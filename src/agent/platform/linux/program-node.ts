import { ptr } from 'bun:ffi';
import type { NodeFacts } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { checked, cString, libc } from './libc.ts';

const statx = process.arch === 'arm64' ? 291 : 332;
const AT_FDCWD = -100;
/** What the kernel has in memory will do: a file system in user space or behind a network is not asked, and cannot stall us. */
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_INO = 0x100;
/** Offsets in struct statx (linux/stat.h), the same everywhere. */
const inodeAt = 32;
const deviceMajorAt = 136;
const deviceMinorAt = 140;
const structBytes = 256;

/**
 * The file that a process runs, by `/proc/<pid>/exe`, which leads to the inode itself and not to a name.
 * @returns undefined for a process that is gone, has no program, like the kernel's own, or hides it from this agent.
 */
export function programNode(pid: number): Pick<NodeFacts, 'device' | 'inode'> | undefined {
  const path = cString(Buffer.from(`/proc/${pid}/exe`));
  const buffer = Buffer.alloc(structBytes);
  try {
    checked('statx', libc.syscall(statx, AT_FDCWD, ptr(path), AT_STATX_DONT_SYNC, STATX_INO, ptr(buffer)));
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    return undefined;
  }
  const device = deviceNumber(buffer.readUInt32LE(deviceMajorAt), buffer.readUInt32LE(deviceMinorAt));
  return { device, inode: buffer.readBigUInt64LE(inodeAt) };
}

/** As makedev(3) puts it together, and stat(2) tells it. */
function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (low & 0xffn) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | ((high & ~0xfffn) << 32n);
}
