import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import type { ChainLink } from '../platform/platform.ts';
import { separatorByte } from '../platform/separator.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Metadata } from '../vault/metadata.ts';
import type { HandleScope } from './handle-scope.ts';
import type { VaultRoom } from './room.ts';

interface Looking {
  readonly room: VaultRoom;
  readonly scope: HandleScope;
}

/**
 * Whether the file system that a file was on is no longer mounted: where the way to it once stepped from one file system to another, it
 * does not any more. Device numbers change over reboots, so that they are compared with each other and never with what was recorded. Of a
 * way that led through links, and of files on the root's own file system, nothing is said.
 */
export function isVolumeGone(looking: Looking, { path, chain }: Pick<Metadata, 'path' | 'chain'>): boolean {
  const names = namesOf(path);
  const mountedAt = chain.findLastIndex((link, index) => index > 0 && link.device !== chain[index - 1]?.device);
  if (mountedAt === -1 || chain.length !== names.length) {
    return false;
  }
  const now = chainTo(looking, names.slice(0, mountedAt));
  return now === undefined || now.at(-1)?.device === now.at(-2)?.device;
}

/** The names on the way to a file, its own with them. */
function namesOf(path: FilePath): readonly Uint8Array[] {
  const names: Uint8Array[] = [];
  let start = 1;
  for (let end = path.indexOf(separatorByte, start); end !== -1; end = path.indexOf(separatorByte, start)) {
    names.push(path.subarray(start, end));
    start = end + 1;
  }
  return [...names, path.subarray(start)];
}

/** The directories on the way to this one, and it; undefined where it is not there. */
function chainTo({ room, scope }: Looking, names: readonly Uint8Array[]): readonly ChainLink[] | undefined {
  const anything = Uint8Array.of(0x78);
  const path = [...names, anything].flatMap((name) => [separatorByte, ...name]);
  try {
    const { chain, directory } = room.platform.openParent(filePathSchema.parse(Uint8Array.from(path)));
    scope.keep(directory);
    return chain;
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT' || systemErrorCode(failure) === 'ENOTDIR') {
      return undefined;
    }
    throw failure;
  }
}
