import { dlopen, ptr } from 'bun:ffi';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type FileSystem = 'ext4' | 'xfs' | 'btrfs' | 'tmpfs';

const smallest: Readonly<Record<Exclude<FileSystem, 'tmpfs'>, number>> = { ext4: 128, xfs: 320, btrfs: 256 };

/** A file system of its own, in a file, mounted; unmounted and removed with the scope. */
export interface Image extends Disposable {
  readonly mountPoint: string;
  /** As a power cut leaves it: what was not written is not written any more. */
  cutPower(flag: PowerCut): void;
  /** Unmounts and mounts again, which replays the journal. */
  remount(): void;
}

/** 1: what the journal holds is flushed, the data is not. 2: nothing is flushed. */
export type PowerCut = 1 | 2;

/** What this machine lacks for a file system, in words; undefined when it lacks nothing. */
export function lacking(fileSystem: FileSystem): string | undefined {
  if (process.getuid?.() !== 0) {
    return 'needs root';
  }
  if (fileSystem !== 'tmpfs' && spawnSync(`mkfs.${fileSystem}`, ['-V']).error !== undefined) {
    return `needs mkfs.${fileSystem}`;
  }
  return undefined;
}

/** @param mebibytes at least what the file system needs; default: that. */
export function makeImage(scratch: string, fileSystem: FileSystem, mebibytes?: number): Image {
  const mountPoint = path.join(scratch, `image-${crypto.randomUUID()}`);
  const file = `${mountPoint}.img`;
  mkdirSync(mountPoint);
  if (fileSystem !== 'tmpfs') {
    writeFileSync(file, '');
    truncateSync(file, (mebibytes ?? smallest[fileSystem]) * 2 ** 20);
    run(`mkfs.${fileSystem}`, ['-q', file]);
  }
  const mount = () =>
    fileSystem === 'tmpfs'
      ? run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes ?? 256}m`, 'tmpfs', mountPoint])
      : run('mount', ['-o', 'loop', file, mountPoint]);
  mount();
  return {
    mountPoint,
    cutPower: (flag) => shutDown(mountPoint, flag),
    remount: () => {
      run('umount', [mountPoint]);
      mount();
    },
    [Symbol.dispose]: () => {
      run('umount', ['-l', mountPoint]);
      rmSync(mountPoint, { recursive: true, force: true });
      rmSync(file, { force: true });
    },
  };
}

export function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words);
  if (status !== 0) {
    throw new Error(`${program} ${words.join(' ')} ended with ${status}: ${error?.message ?? stderr.toString()}`);
  }
  return stdout.toString();
}

/** EXT4_IOC_SHUTDOWN, which xfs has under the same number: `_IOR('X', 125, __u32)`. */
const shutdownRequest = 0x8004587dn;
const { ioctl } = dlopen('libc.so.6', {
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
}).symbols;

function shutDown(mountPoint: string, flag: PowerCut): void {
  const handle = openSync(mountPoint, 'r');
  try {
    const flags = new Uint32Array([flag]);
    if (ioctl(handle, shutdownRequest, ptr(flags)) !== 0) {
      throw new Error(`The file system at ${mountPoint} cannot be shut down.`);
    }
  } finally {
    closeSync(handle);
  }
}
