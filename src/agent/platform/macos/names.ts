import { ptr } from 'bun:ffi';
import type { Handle } from '../platform.ts';
import { nameRequest, readBulkNames } from './bulk-entries.ts';
import { checked, libSystem } from './libsystem.ts';
import { close, openDirectoryAt } from './node.ts';

const listBytes = 128 * 1024;
const dot = Uint8Array.of(0x2e);

/** Through a descriptor of its own: the kernel keeps the place in a listing with the descriptor. */
export function namesIn(directory: Handle): readonly Uint8Array[] {
  const listing = openDirectoryAt({ directory, name: dot });
  try {
    return listNames(listing);
  } finally {
    close(listing);
  }
}

function listNames(listing: Handle): readonly Uint8Array[] {
  const [request, list] = [nameRequest(), new Uint8Array(listBytes)];
  const names: Uint8Array[] = [];
  for (;;) {
    const entries = libSystem.getattrlistbulk(listing, ptr(request), ptr(list), list.length, 0);
    const count = checked('getattrlistbulk', entries);
    if (count === 0) {
      return names;
    }
    names.push(...readBulkNames(list, count));
  }
}
