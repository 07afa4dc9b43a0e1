import type { FilePath } from '#core/file/file-path.ts';
import type { Outcome, OutcomeReason } from '#core/outcome.ts';
import type { ReportedFile } from '#wire/report.ts';
import { UnsafePath } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { VaultRecord } from '../vault/record.ts';
import { Halted } from './halted.ts';

/** How one file ended, with the ordinal still to be given. */
export type Ending = Omit<ReportedFile, 'ordinal'>;

const longestMessage = 2_000;

/** Everything not said is null, or empty. */
export function ending(facts: Partial<Ending> & Pick<Ending, 'outcome' | 'message'>): Ending {
  return {
    reason: null,
    path: null,
    sha256: null,
    size: null,
    vaultObject: null,
    effect: null,
    losses: [],
    details: {},
    ...facts,
    message: facts.message.slice(0, longestMessage),
  };
}

/** Thrown inside an operation to end it; turned into its ending at the operation's edge. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly ending: Ending;

  constructor(facts: Partial<Ending> & Pick<Ending, 'outcome' | 'message'>) {
    super(facts.message);
    this.ending = ending(facts);
  }
}

type SystemEnding = readonly [Outcome, OutcomeReason | null, string];

const systemEndings: Readonly<Record<string, SystemEnding>> = {
  ENOENT: ['not_found', null, 'There is no such file.'],
  ENOTDIR: ['not_found', null, 'A component of the path is no directory.'],
  ENAMETOOLONG: ['not_found', null, 'The path is longer than the system allows.'],
  EACCES: ['access_denied', 'not_permitted', 'The agent is not permitted to do this.'],
  EPERM: ['access_denied', 'not_permitted', 'The system does not permit this.'],
  ELOOP: ['access_denied', 'unsafe_path', 'The path leads through a symbolic link.'],
  EROFS: ['access_denied', 'read_only', 'The file system is mounted read-only.'],
  ENOSPC: ['no_space', null, 'There is no space left.'],
  EDQUOT: ['no_space', null, 'The quota is used up.'],
  EBUSY: ['in_use', null, 'The file is in use.'],
  ETXTBSY: ['in_use', null, 'The file is being executed.'],
  EIO: ['interrupted', 'mount_dead', 'The file system reports input/output errors.'],
  ESTALE: ['interrupted', 'mount_dead', 'The file system is no longer reachable.'],
  ENOTCONN: ['interrupted', 'mount_dead', 'The file system is no longer reachable.'],
  ETIMEDOUT: ['interrupted', 'mount_dead', 'The file system does not answer.'],
  EHOSTDOWN: ['interrupted', 'mount_dead', 'The file system does not answer.'],
};

/**
 * The one place where anything thrown in an operation becomes an ending; nothing is swallowed.
 * @throws Halted where that was thrown: the file was not begun, and so has no ending yet.
 */
export function endingOf(thrown: unknown, path: FilePath | null): Ending {
  if (thrown instanceof Halted) {
    throw thrown;
  }
  if (thrown instanceof Ended) {
    return { ...thrown.ending, path: thrown.ending.path ?? path };
  }
  if (thrown instanceof UnsafePath) {
    return ending({ outcome: 'access_denied', reason: 'unsafe_path', message: thrown.message, path });
  }
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  const known = systemEndings[systemErrorCode(thrown) ?? ''];
  if (known === undefined) {
    return ending({ outcome: 'agent_error', message: words, path });
  }
  const [outcome, reason, message] = known;
  return ending({ outcome, reason, message: `${message} (${words})`, path });
}

/** The good end of a quarantine. */
export function quarantined(record: VaultRecord, losses: readonly string[] = []): Ending {
  return ending({
    ...factsOf(record),
    outcome: 'done',
    message: 'The file is in the vault.',
    effect: 'taken',
    losses: [...losses],
    details: record.details,
  });
}

/** What an ending says of the file that a record is about. */
export function factsOf(record: VaultRecord): Pick<Ending, 'path' | 'sha256' | 'size' | 'vaultObject'> {
  const { path, sha256, size, vaultObject } = record;
  return { path, sha256, size, vaultObject };
}
