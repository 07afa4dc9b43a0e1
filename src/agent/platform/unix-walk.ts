import type { FilePath } from '#core/file/file-path.ts';
import { type Handle, type NodeFacts, type Parent, type Place, UnsafePath } from './platform.ts';
import { plainComponents, slash, targetComponents } from './unix-path.ts';

const mostLinks = 40;
const groupOrOtherWrite = 0o022;
const sticky = 0o1000;

/** What a walk needs of a Unix. */
export interface WalkCalls {
  openRoot(): Handle;
  /** Holds whatever has the name, a link as itself. */
  pin(place: Place): Handle;
  facts(handle: Handle): NodeFacts;
  /** The target of a link, by its place and by what `pin` holds. */
  readLink(place: Place, link: Handle): Uint8Array;
  close(handle: Handle): void;
}

interface Walk {
  readonly calls: WalkCalls;
  directory: Handle;
  /** Only root can change a name in any directory passed so far. */
  trusted: boolean;
  readonly pending: Uint8Array[];
  readonly chain: NodeFacts[];
  links: number;
}

/**
 * Walks from the root one component at a time, so that no link is ever followed by the kernel. A link is resolved by hand,
 * and only while nobody but root could have made it or can change the way to it: root owns the link and every directory so
 * far, and none of them is writable by group or others. That is stricter than systemd's `CHASE_SAFE` and needs no rule
 * for stepping between owners.
 */
export function walkToParent(calls: WalkCalls, path: FilePath): Parent {
  const components = plainComponents(path);
  const name = components.at(-1);
  if (name === undefined) {
    throw new UnsafePath('The path names no file.');
  }
  const { directory, chain } = walkTo(calls, components.slice(0, -1));
  return { directory, name, chain, isSafeFor: (uid) => chain.every((facts) => isSafe(facts, uid)) };
}

export function walkToDirectory(calls: WalkCalls, path: FilePath): Handle {
  const components = path.length === 1 && path[0] === slash ? [] : plainComponents(path);
  return walkTo(calls, components).directory;
}

function walkTo(calls: WalkCalls, components: readonly Uint8Array[]): Walk {
  const root = calls.openRoot();
  const walk: Walk = { calls, directory: root, trusted: true, pending: components.toReversed(), chain: [], links: 0 };
  try {
    pass(walk, calls.facts(root));
    for (let component = walk.pending.pop(); component !== undefined; component = walk.pending.pop()) {
      step(walk, component);
    }
    return walk;
  } catch (failure) {
    calls.close(walk.directory);
    throw failure;
  }
}

function step(walk: Walk, component: Uint8Array): void {
  const place = { directory: walk.directory, name: component };
  const next = walk.calls.pin(place);
  const facts = walk.calls.facts(next);
  if (facts.kind === 'link') {
    try {
      followLink(walk, { place, link: next, facts });
    } finally {
      walk.calls.close(next);
    }
    return;
  }
  if (facts.kind !== 'directory') {
    walk.calls.close(next);
    throw Object.assign(new Error('a component of the path is no directory'), { code: 'ENOTDIR' });
  }
  enter(walk, next, facts);
}

function enter(walk: Walk, next: Handle, facts: NodeFacts): void {
  walk.calls.close(walk.directory);
  walk.directory = next;
  pass(walk, facts);
}

function pass(walk: Walk, facts: NodeFacts): void {
  walk.trusted &&= facts.uid === 0 && (facts.mode & groupOrOtherWrite) === 0;
  walk.chain.push(facts);
}

interface FoundLink {
  readonly place: Place;
  readonly link: Handle;
  readonly facts: NodeFacts;
}

function followLink(walk: Walk, { place, link, facts }: FoundLink): void {
  walk.links += 1;
  if (!walk.trusted || facts.uid !== 0 || walk.links > mostLinks) {
    throw new UnsafePath('The path leads through a symbolic link that is not root’s own, or through too many.');
  }
  const target = walk.calls.readLink(place, link);
  if (target[0] === slash) {
    const root = walk.calls.openRoot();
    enter(walk, root, walk.calls.facts(root));
  }
  walk.pending.push(...targetComponents(target).toReversed());
}

function isSafe(facts: NodeFacts, uid: number): boolean {
  const ownerIsKnown = facts.uid === 0 || facts.uid === uid;
  return ownerIsKnown && ((facts.mode & groupOrOtherWrite) === 0 || (facts.mode & sticky) !== 0);
}
