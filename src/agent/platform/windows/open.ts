import { ptr } from 'bun:ffi';
import type { Handle, Place } from '../platform.ts';
import { access, attribute, disposition, option, share } from './constants.ts';
import { descriptorOf, kernelHandleOf } from './descriptors.ts';
import { isSuccess, NtError, statusOf } from './nt-status.ts';
import { addressOf, IoStatus, ntdll } from './ntdll.ts';
import { objectAttributes } from './object-attributes.ts';
import { fromWtf8 } from './wtf8.ts';

export interface Opening {
  readonly access: number;
  readonly share: number;
  readonly disposition: number;
  readonly options: number;
}

/** What the last call read through addresses: referenced here, so that it is not collected before the call has returned. */
let lastNames: readonly Uint8Array[] = [];

/** Opens one name. It is never taken apart: it is one component, or the root of a drive, or empty (the same file again). */
export function openName(root: bigint, name: string, opening: Opening): bigint {
  const { attributes, held } = objectAttributes({ root, name }, addressOf);
  lastNames = held;
  const handle = new BigUint64Array(1);
  const io = new IoStatus();
  const status = statusOf(
    ntdll.NtCreateFile(
      ptr(handle),
      (opening.access | access.synchronize) >>> 0,
      ptr(attributes),
      ptr(io.bytes),
      null,
      attribute.normal,
      opening.share,
      opening.disposition,
      opening.options | option.synchronousNonAlert | option.forBackupIntent,
      null,
      0,
    ),
  );
  if (!isSuccess(status) || lastNames.length === 0) {
    throw new NtError('NtCreateFile', status);
  }
  return handle[0] ?? 0n;
}

const everybody = share.read | share.write | share.delete;
const looking = access.readData | access.readAttributes | access.readControl;

/** Whatever has the name, links as themselves. Others may rename and delete it meanwhile: a handle stays with its file. */
export function pinAt(place: Place): Handle {
  return openAt(place, { ...opened(looking, everybody), options: option.openReparsePoint });
}

export function openDirectoryAt(place: Place): Handle {
  const options = option.openReparsePoint | option.directoryFile;
  return openAt(place, { ...opened(looking, everybody), options });
}

/**
 * A directory on the way to one file: without FILE_SHARE_DELETE nobody can rename it, or what it is in, while it is held.
 * (Only an opening that asks for data takes part in sharing at all.) Not for a scan, which would stand in everybody's way.
 */
export function holdDirectoryAt(place: Place): Handle {
  const options = option.openReparsePoint | option.directoryFile;
  return openAt(place, { ...opened(looking, share.read | share.write), options });
}

export function openDriveRoot(name: string): Handle {
  return descriptorOf(openName(0n, name, { ...opened(looking, everybody), options: option.directoryFile }));
}

/**
 * The very file that a pin holds, by the empty name relative to it, this time through what keeps it otherwise
 * (deduplicated, compressed): read as a reparse point it would have no bytes.
 */
export function openAgain(pin: Handle, wanted: number = looking): Handle {
  return descriptorOf(openName(kernelHandleOf(pin), '', { ...opened(wanted, everybody), options: 0 }));
}

/** For renaming and deleting: the thing itself, never what it points at. */
export function openToDelete(place: Place): Handle {
  const wanted = access.delete | access.readAttributes;
  return openAt(place, { ...opened(wanted, everybody), options: option.openReparsePoint });
}

/** New; fails when the name is taken. */
export function createAt(place: Place, options: number): Handle {
  const wanted = access.genericRead | access.genericWrite | access.delete | access.writeControl;
  const opening = { access: wanted, share: everybody, disposition: disposition.create };
  return openAt(place, { ...opening, options: options | option.openReparsePoint });
}

function openAt(place: Place, opening: Opening): Handle {
  return descriptorOf(openName(kernelHandleOf(place.directory), fromWtf8(place.name), opening));
}

function opened(wanted: number, sharing: number) {
  return { access: wanted, share: sharing, disposition: disposition.open };
}
