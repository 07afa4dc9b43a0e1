import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '#core/fault.ts';
import type { Platform } from '../platform/platform.ts';
import { makePrivate } from '../platform/private-directory.ts';
import type { RotatingFile } from '../platform/rotating-file.ts';

/** Where an agent keeps what it may not lose. All of it is 0700 and 0600. */
export interface DataDirectory {
  readonly root: string;
  readonly identity: string;
  /** Held while the identity is changed. */
  readonly identityLock: string;
  /** The keys of an enrolment that has not come to its end. */
  readonly enrolment: string;
  readonly lock: string;
  readonly journal: string;
  readonly spool: string;
  /** Orders that somebody brought to this machine, until the journal has them. */
  readonly carried: string;
  readonly vault: string;
  readonly inventory: string;
  /** What a running agent says of itself. */
  readonly status: string;
  /** What it logs, beside what it writes to standard error. */
  readonly log: RotatingFile;
  /** When the vault was last looked through, see `scrub-schedule.ts`. */
  readonly scrubbed: string;
  /** What the agent has seen of the server's record of events. */
  readonly witness: string;
  /** How far the server's clock was ahead when it was heard last. */
  readonly serverClock: string;
  /** Which verbs a server has halted. */
  readonly halt: string;
  /** The number of the last connection, see `lineage.ts`. */
  readonly lineage: string;
  /** Says that the vault was left here on purpose when the agent was removed. */
  readonly kept: string;
}

export function dataDirectory(root: string): DataDirectory {
  const at = path.resolve(root);
  return {
    root: at,
    identity: path.join(at, 'identity.json'),
    identityLock: path.join(at, 'identity.lock'),
    enrolment: path.join(at, 'enrolment.json'),
    lock: path.join(at, 'lock'),
    journal: path.join(at, 'journal'),
    spool: path.join(at, 'spool'),
    carried: path.join(at, 'carried'),
    vault: path.join(at, 'vault'),
    inventory: path.join(at, 'inventory.sqlite'),
    status: path.join(at, 'status.json'),
    log: { current: path.join(at, 'logs', 'agent.log'), previous: path.join(at, 'logs', 'agent.log.1') },
    scrubbed: path.join(at, 'scrubbed.json'),
    witness: path.join(at, 'witness.json'),
    serverClock: path.join(at, 'server-clock.json'),
    halt: path.join(at, 'halt.json'),
    lineage: path.join(at, 'lineage.json'),
    kept: path.join(at, 'vault-kept'),
  };
}

export async function prepare(directory: DataDirectory): Promise<void> {
  for (const each of [
    directory.root,
    directory.journal,
    directory.spool,
    directory.carried,
    directory.vault,
    path.dirname(directory.log.current),
  ]) {
    await mkdir(each, { recursive: true, mode: 0o700 });
    await makePrivate(each);
  }
}

/**
 * Two agents on one journal would do everything twice. The kernel lets the lock go when this process ends, however it ends.
 * @returns lets the lock go.
 * @throws Fault `conflict` when another process has it.
 */
export function claim(directory: DataDirectory, platform: Platform): () => void {
  const release = platform.lock(directory.lock, { wait: false });
  if (release === undefined) {
    throw new Fault(
      'conflict',
      `Another agent is running on ${directory.root}. Stop it, or give this one a directory of its own with --data.`,
    );
  }
  return release;
}
