import path from 'node:path';
import type { ChildMessage } from '#agent/child/job.ts';
import type { VerbUnderProof } from './jobs.ts';
import { look } from './portrait.ts';
import { heldObjects, recordStates, unfinished } from './vault.ts';
import type { World } from './world.ts';

/** Where the file is: `place` its own name, `elsewhere` any other, `vault` a true object, `record` says that it is held. */
export interface Whereabouts {
  readonly place: boolean;
  readonly elsewhere: number;
  readonly vault: number;
  readonly states: readonly string[];
  readonly leftovers: readonly string[];
}

export async function whereabouts(world: World): Promise<Whereabouts> {
  const files = look(world.user).filter(({ kind, sha256 }) => kind === 'file' && sha256 === world.sha256);
  const own = path.relative(world.user, world.file);
  const objects = await heldObjects(world);
  const isOurs = (name: string) => path.basename(name).startsWith('.custody-');
  return {
    place: files.some(({ name }) => name === own),
    elsewhere: files.filter(({ name }) => name !== own).length,
    vault: objects.filter(({ isTrue, metadata }) => isTrue && metadata['sha256'] === world.sha256).length,
    states: recordStates(world.vault),
    leftovers: [
      ...look(world.user).flatMap(({ name }) => (isOurs(name) ? [name] : [])),
      ...unfinished(world.vault),
      ...objects.flatMap(({ id, content }) => (content === undefined ? [`unreadable object ${id}`] : [])),
    ],
  };
}

/** In the moment of the fault: the file is somewhere, whole. A purge is what may end it, once its record says so. */
export function lostIn({ place, elsewhere, vault, states }: Whereabouts, verb: VerbUnderProof): readonly string[] {
  const isPurged = verb === 'purge' && states.every((state) => state !== 'held');
  return place || elsewhere + vault > 0 || isPurged ? [] : ['no good copy is left'];
}

/**
 * After recovery: either the original in its place and the vault empty, or the original gone and the vault holding it with
 * a record that says so, or purged; nothing half done, and nothing lying about (promise P16).
 */
export function untrueIn(found: Whereabouts, verb: VerbUnderProof): readonly string[] {
  const held = found.states.filter((state) => state === 'held').length;
  const halfDone = found.states.filter((state) => !['held', 'restored', 'purged', 'lost'].includes(state));
  const isInPlace = found.place && found.vault === 0 && held === 0;
  const isInVault = !found.place && found.vault === 1 && held === 1;
  const isPurged = verb === 'purge' && !found.place && found.vault === 0 && held === 0;
  return [
    ...(isInPlace || isInVault || isPurged ? [] : [`neither in place nor in the vault: ${JSON.stringify(found)}`]),
    ...(found.elsewhere === 0 ? [] : ['a copy lies elsewhere']),
    ...halfDone.map((state) => `a record says ${state}`),
    ...found.leftovers.map((name) => `${name} is left over`),
  ];
}

/** Where the file must be when this verb ended `done`. */
export function brokenWord(
  found: Whereabouts,
  verb: VerbUnderProof,
  messages: readonly ChildMessage[],
): readonly string[] {
  const isDone = outcomesOf(messages).some((outcome) => outcome === 'done' || outcome === 'already_done');
  const isSo = { fetch: found.place, quarantine: found.vault === 1, restore: found.place, purge: found.vault === 0 };
  return isDone && !isSo[verb] ? ['done was said, and it is not so'] : [];
}

export function outcomesOf(messages: readonly ChildMessage[]): readonly string[] {
  return messages.flatMap((message) => {
    if (message.type === 'failed') {
      return ['failed'];
    }
    return message.type === 'endings' ? message.endings.map(({ outcome }) => outcome) : [];
  });
}
