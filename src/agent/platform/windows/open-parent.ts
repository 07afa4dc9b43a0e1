import fs from 'node:fs';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { type Handle, type NodeFacts, type Parent, UnsafePath } from '../platform.ts';
import { pathOf } from './names.ts';
import { handleFacts } from './node.ts';
import { holdDirectoryAt, openDriveRoot, pinAt } from './open.ts';
import { driveRoot, looksShort, parseWindowsPath } from './path.ts';
import { fromWtf8, toWtf8 } from './wtf8.ts';

interface Walk {
  directory: Handle;
  readonly chain: NodeFacts[];
}

/**
 * Walks from the drive's root one component at a time, each opened relative to the one before and as itself, so that the
 * system follows nothing. No junction and no symbolic link is followed by hand, either: who may make one cannot be told
 * from the link alone, as owner and mode tell it on Linux.
 */
export function openParent(path: FilePath): Parent {
  const { drive, components } = parseWindowsPath(path);
  const name = components.at(-1);
  if (name === undefined) {
    throw new UnsafePath('The path names no file.');
  }
  const walk = walkTo(drive, components.slice(0, -1));
  try {
    demandLongName(walk.directory, name);
    return { directory: walk.directory, name: toWtf8(name), chain: walk.chain, isSafeFor: () => false };
  } catch (failure) {
    fs.closeSync(walk.directory);
    throw failure;
  }
}

export function openDirectoryPath(path: FilePath): Handle {
  const { drive, components } = parseWindowsPath(path);
  return walkTo(drive, components).directory;
}

function walkTo(drive: string, components: readonly string[]): Walk {
  const root = openDriveRoot(driveRoot(drive));
  const walk: Walk = { directory: root, chain: [] };
  try {
    walk.chain.push(handleFacts(root));
    for (const component of components) {
      step(walk, component);
    }
    return walk;
  } catch (failure) {
    fs.closeSync(walk.directory);
    throw failure;
  }
}

function step(walk: Walk, component: string): void {
  demandLongName(walk.directory, component);
  const next = holdDirectoryAt({ directory: walk.directory, name: toWtf8(component) });
  const facts = handleFacts(next);
  if (facts.kind !== 'directory') {
    fs.closeSync(next);
    throw new UnsafePath(`The path leads through ${component}, which stands for another place.`);
  }
  fs.closeSync(walk.directory);
  walk.directory = next;
  walk.chain.push(facts);
}

/** A file has one path here, and rules are about that one: `PROGRA~1` would be a second. */
function demandLongName(directory: Handle, component: string): void {
  if (!looksShort(component)) {
    return;
  }
  const found = pinAt({ directory, name: toWtf8(component) });
  try {
    const real = pathOf(found);
    const long = fromWtf8(real.subarray(real.lastIndexOf(0x5c) + 1));
    if (long.toLowerCase() !== component.toLowerCase()) {
      throw new UnsafePath(`${component} is the short name of ${displayPath(real)}; name it by the long one.`);
    }
  } finally {
    fs.closeSync(found);
  }
}
