import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import { displayPath } from '#core/file/file-path.ts';
import { type Handle, type NodeFacts, type Parent, UnsafePath } from '../platform.ts';
import { checked, cString, libc } from './libc.ts';
import { handleFacts, pinAt } from './node.ts';

const slash = 0x2f;
const mostLinks = 40;
const groupOrOtherWrite = 0o022;
const sticky = 0o1000;

interface Walk {
  directory: Handle;
  /** Only root can change a name in any directory passed so far. */
  trusted: boolean;
  readonly pending: Uint8Array[];
  readonly chain: NodeFacts[];
  links: number;
}

/**
 * Walks from the root one component at a time with O_NOFOLLOW, so that no link is ever followed by the kernel.
 * A link is resolved by hand, and only while nobody but root could have made it or can change the way to it: root owns
 * the link and every directory so far, and none of them is writable by group or others. That is stricter than systemd's
 * `CHASE_SAFE` and needs no rule for stepping between owners. (openat2 with RESOLVE_NO_SYMLINKS would save a few
 * microseconds, and leave nothing to say about the directories on the way.)
 */
export function openParent(path: FilePath): Parent {
  const { directories, name } = split(path);
  const walk = walkTo(directories);
  return { directory: walk.directory, name, isSafeFor: (uid) => walk.chain.every((facts) => isSafe(facts, uid)) };
}

export function openDirectoryPath(path: FilePath): Handle {
  const components = path.length === 1 && path[0] === slash ? [] : plainComponents(path);
  return walkTo(components).directory;
}

function walkTo(components: readonly Uint8Array[]): Walk {
  const root = fs.openSync('/', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY) as Handle;
  const walk: Walk = {
    directory: root,
    trusted: isTrusted(handleFacts(root)),
    pending: components.toReversed(),
    chain: [handleFacts(root)],
    links: 0,
  };
  try {
    for (let component = walk.pending.pop(); component !== undefined; component = walk.pending.pop()) {
      step(walk, component);
    }
    return walk;
  } catch (failure) {
    fs.closeSync(walk.directory);
    throw failure;
  }
}

function step(walk: Walk, component: Uint8Array): void {
  const next = pinAt({ directory: walk.directory, name: component });
  const facts = handleFacts(next);
  if (facts.kind === 'link') {
    try {
      followLink(walk, next, facts);
    } finally {
      fs.closeSync(next);
    }
    return;
  }
  if (facts.kind !== 'directory') {
    fs.closeSync(next);
    throw Object.assign(new Error('a component of the path is no directory'), { code: 'ENOTDIR' });
  }
  enter(walk, next, facts);
}

function enter(walk: Walk, next: Handle, facts: NodeFacts): void {
  fs.closeSync(walk.directory);
  walk.directory = next;
  walk.trusted &&= isTrusted(facts);
  walk.chain.push(facts);
}

function followLink(walk: Walk, link: Handle, facts: NodeFacts): void {
  walk.links += 1;
  if (!walk.trusted || facts.uid !== 0 || walk.links > mostLinks) {
    throw new UnsafePath('The path leads through a symbolic link that is not root’s own, or through too many.');
  }
  const target = readLink(link);
  const components = splitBytes(target).filter((part) => part.length > 0 && !isDot(part));
  if (target[0] === slash) {
    const root = fs.openSync('/', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY) as Handle;
    enter(walk, root, handleFacts(root));
  }
  walk.pending.push(...components.toReversed());
}

function readLink(link: Handle): Uint8Array {
  const target = new Uint8Array(4096);
  const empty = cString(new Uint8Array());
  const length = checked('readlinkat', libc.readlinkat(link, ptr(empty), ptr(target), target.length));
  return target.subarray(0, length);
}

function isTrusted(facts: NodeFacts): boolean {
  return facts.uid === 0 && (facts.mode & groupOrOtherWrite) === 0;
}

function isSafe(facts: NodeFacts, uid: number): boolean {
  const ownerIsKnown = facts.uid === 0 || facts.uid === uid;
  return ownerIsKnown && ((facts.mode & groupOrOtherWrite) === 0 || (facts.mode & sticky) !== 0);
}

function split(path: FilePath): { readonly directories: readonly Uint8Array[]; readonly name: Uint8Array } {
  const components = plainComponents(path);
  const name = components.at(-1);
  if (name === undefined) {
    throw new UnsafePath('The path names no file.');
  }
  return { directories: components.slice(0, -1), name };
}

/** Refuses everything that is not a plain absolute path, so that a path means the same to all who read it. */
function plainComponents(path: FilePath): readonly Uint8Array[] {
  const components = splitBytes(path).slice(1);
  const isPlain = path[0] === slash && components.every((part) => part.length > 0 && !isDot(part) && !isDotDot(part));
  if (!isPlain) {
    throw new UnsafePath(`${displayPath(path)} is no absolute path without empty, "." and ".." components.`);
  }
  return components;
}

function splitBytes(path: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let end = path.indexOf(slash); end !== -1; end = path.indexOf(slash, start)) {
    parts.push(path.subarray(start, end));
    start = end + 1;
  }
  parts.push(path.subarray(start));
  return parts;
}

function isDot(part: Uint8Array): boolean {
  return part.length === 1 && part[0] === 0x2e;
}

function isDotDot(part: Uint8Array): boolean {
  return part.length === 2 && part[0] === 0x2e && part[1] === 0x2e;
}
