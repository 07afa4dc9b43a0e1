import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ChildMessage } from '#agent/child/job.ts';
import { look, portraitOf, type Seen } from './portrait.ts';
import { heldObjects } from './vault.ts';
import { sha256Of, type World } from './world.ts';

/** What was there in the moment of the attack: all of it must be somewhere afterwards. */
export interface Before {
  readonly secret: string;
  /** The hash of root's file. */
  readonly secretSha256: string;
  readonly users: readonly Seen[];
}

export function seeBefore(world: World): Before {
  const secretSha256 = sha256Of(readFileSync(path.join(world.secret, 'a')));
  return { secret: portraitOf(world.secret), secretSha256, users: look(usersPlace(world)) };
}

/** After "the directory above becomes a link" the user's files are beside it. */
function usersPlace(world: World): string {
  const moved = path.join(world.base, 'user away');
  return existsSync(moved) ? moved : world.user;
}

/** Every way in which an attack had an effect that the attacker could not have had alone, or in which anything was lost. */
export async function redirections(
  world: World,
  before: Before,
  messages: readonly ChildMessage[],
): Promise<readonly string[]> {
  const held = await heldObjects(world);
  const hashesHeld = new Set(
    held.filter(({ isTrue }) => isTrue).map(({ content }) => sha256Of(content ?? Buffer.alloc(0))),
  );
  return [
    ...(portraitOf(world.secret) === before.secret ? [] : ['root’s directory was changed']),
    ...strangersIn(world),
    ...lost(before, look(usersPlace(world)), hashesHeld),
    ...untrueAnswers(world, messages, hashesHeld),
    ...secretsIn(world, before),
  ];
}

function strangersIn(world: World): readonly string[] {
  const known = ['secret', 'spool', 'user', 'user away', 'vault'];
  const strangers = readdirSync(world.base).filter((name) => !known.includes(name));
  return strangers.map((name) => `${name} was made outside`);
}

function lost(before: Before, after: readonly Seen[], hashesHeld: ReadonlySet<string>): readonly string[] {
  const kept = new Set(after.map(identityOf));
  return before.users
    .filter(({ name, kind }) => !(kind === 'directory' && path.basename(name).startsWith('.custody-')))
    .filter((seen) => !kept.has(identityOf(seen)) && !hashesHeld.has(seen.sha256) && !isAgain(seen, after))
    .map(({ name }) => `${name} is nowhere any more`);
}

function identityOf({ inode, kind, sha256 }: Seen): string {
  return `${inode} ${kind} ${sha256}`;
}

/** Our own copy in a staging directory, which may be built anew or thrown away as long as the file itself is safe. */
function isAgain({ name, kind, sha256 }: Seen, after: readonly Seen[]): boolean {
  const isOurs = path.basename(path.dirname(name)).startsWith('.custody-return-');
  return kind === 'file' && (isOurs || after.some((each) => each.kind === 'file' && each.sha256 === sha256));
}

function untrueAnswers(
  world: World,
  messages: readonly ChildMessage[],
  hashesHeld: ReadonlySet<string>,
): readonly string[] {
  if (messages.length === 0) {
    return ['the child said nothing'];
  }
  return messages.flatMap((message) => {
    if (message.type === 'failed') {
      return [`the child failed: ${message.message}`];
    }
    const claims = message.type === 'endings' ? message.endings : [];
    const isTaken = claims.some(({ outcome, message: words }) => outcome === 'done' && words.includes('in the vault'));
    return isTaken && !hashesHeld.has(world.sha256) ? ['done was said, and the vault does not have the file'] : [];
  });
}

/** Bytes of root's that came into the spool, where the attacker's order could carry them off. */
function secretsIn(world: World, { secretSha256 }: Before): readonly string[] {
  const names = readdirSync(world.spool).filter((name) => name.endsWith('.bytes'));
  return names
    .filter(
      (name) => secretSha256 !== world.sha256 && sha256Of(readFileSync(path.join(world.spool, name))) === secretSha256,
    )
    .map(() => 'root’s bytes were fetched');
}
