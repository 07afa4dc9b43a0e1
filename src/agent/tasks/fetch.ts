import type { FetchParameters } from '#core/action/verb.ts';
import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import type { Job, Spooled } from '../child/job.ts';
import { runJob } from '../child/run-job.ts';
import type { ChildEnd } from '../child/spawn.ts';
import { ending } from '../operations/ending.ts';
import { type MayBegin, neverBegun } from '../operations/may-begin.ts';
import type { Lane } from './lane.ts';
import { Abandoned, Paused, vaultPart, type Workshop } from './perform.ts';
import { dropSpooledBytes, makeSpool, ordinalOf, readSpooled, spoolFile, spoolOf, writeSpooled } from './spool.ts';
import type { Heed } from './task-gate.ts';
import { type UploadEnd, type UploadTools, upload } from './upload.ts';

export interface FetchTools extends Workshop {
  /** Its clock is the one by which deadlines are judged: a `ServerClock`. */
  readonly uploads: UploadTools;
  /** At most two captures at once on this machine. */
  readonly captures: Lane;
  /** And a few uploads. */
  readonly transfers: Lane;
  readonly spool: string;
}

type FetchOrder = Order & { readonly parameters: FetchParameters };
type Captured = Extract<Spooled, { state: 'captured' }>;

interface Fetching {
  readonly tools: FetchTools;
  readonly order: FetchOrder;
  readonly directory: string;
  readonly notes: Map<number, Spooled>;
  /** Captured by an earlier run, which may have sent their bytes: they are brought to their end, whoever withdraws the order. */
  readonly older: ReadonlySet<number>;
  readonly heed: Heed;
}

/** Files that stand in the spool at once: a fetch of many never fills the disk with all of them. */
const windowFiles = 32;

/**
 * Captures and uploads each file, and returns when every one is stored or has another end. After a restart it goes on
 * with what its notes in the spool say. Its gate is asked before each capture, and before each upload.
 * @throws Abandoned when the signal is given, Paused when the gate is halted before a file that is not begun.
 */
export async function performFetch(tools: FetchTools, order: FetchOrder, heed: Heed): Promise<ReportedFile[]> {
  const directory = spoolOf(tools.spool, order.taskId);
  makeSpool(directory);
  const all = order.parameters.files.map((_, ordinal) => ordinal);
  const notes = new Map(readSpooled(directory, all).map((spooled) => [ordinalOf(spooled), spooled]));
  const older = new Set(all.filter((ordinal) => notes.get(ordinal)?.state === 'captured'));
  const fetching: Fetching = { tools, order, directory, notes, older, heed };
  for (let first = 0; first < all.length; first += windowFiles) {
    const ordinals = all.slice(first, first + windowFiles);
    await captureMissing(fetching, ordinals);
    await Promise.all(ordinals.map((ordinal) => transfer(fetching, ordinal)));
    if (ordinals.some((ordinal) => notes.get(ordinal)?.state !== 'ended')) {
      throw new Paused('A server has halted what was ordered.');
    }
  }
  return all.map((ordinal) => endOf(fetching, ordinal));
}

async function captureMissing(fetching: Fetching, ordinals: readonly number[]): Promise<void> {
  const { notes } = fetching;
  for (let missing = ordinals.filter((each) => !notes.has(each)); missing.length > 0; ) {
    const may = mayCapture(fetching);
    if (may === 'halted') {
      return;
    }
    if (may === 'go') {
      await capture(fetching, missing);
    } else {
      endAll(fetching, missing, may);
    }
    missing = missing.filter((each) => !notes.has(each));
  }
}

function mayCapture({ tools, order, heed }: Fetching): MayBegin | 'late' {
  const may = heed.gate.mayBegin();
  const { clock } = tools.uploads;
  const isLate = clock.now() >= order.deadline && !clock.isUnsure(order.deadline);
  return may === 'go' && isLate ? 'late' : may;
}

function endAll(fetching: Fetching, ordinals: readonly number[], why: 'cancelled' | 'expired' | 'late'): void {
  const late = { outcome: 'expired', reason: 'deadline_passed', message: 'The deadline passed first.' } as const;
  for (const ordinal of ordinals) {
    end(fetching, ordinal, why === 'late' ? late : neverBegun(why, {}));
  }
}

/** All of these, or those before the one at which the gate was closed. */
async function capture(fetching: Fetching, ordinals: readonly number[]): Promise<void> {
  const { tools, notes, order, directory } = fetching;
  const { signal, gate } = fetching.heed;
  const files = ordinals.map((ordinal) => ({ ordinal, ...fileOf(order, ordinal) }));
  const job: Job = { ...vaultPart(tools), kind: 'capture', spool: directory, files };
  const options = { ...tools.child, mayBegin: () => gate.mayBegin() };
  const result = await tools.captures.run(() => runJob(options, job, signal));
  for (const spooled of readSpooled(directory, ordinals)) {
    notes.set(ordinalOf(spooled), spooled);
  }
  if (!result.ok || result.answer.type !== 'spooled') {
    giveUpFirst(fetching, ordinals, result.ok ? 'crashed' : result.end);
  }
}

/** The first file without a note is the one that the child got stuck on or broke at. */
function giveUpFirst(fetching: Fetching, missing: readonly number[], why: ChildEnd): void {
  if (fetching.heed.signal.aborted) {
    throw new Abandoned('The agent is stopping.');
  }
  const first = missing.find((each) => !fetching.notes.has(each));
  if (first === undefined) {
    return;
  }
  const stalled = why === 'stalled';
  end(fetching, first, {
    outcome: stalled ? 'interrupted' : 'agent_error',
    reason: stalled ? 'mount_dead' : null,
    message: stalled ? 'The file system did not answer in time.' : 'The capture of the file broke off.',
  });
}

async function transfer(fetching: Fetching, ordinal: number): Promise<void> {
  const spooled = fetching.notes.get(ordinal);
  if (spooled?.state !== 'captured') {
    return;
  }
  const { tools, order, directory } = fetching;
  const { signal, gate } = fetching.heed;
  const { sha256, size } = spooled;
  const target = { endpointId: order.endpointId, taskId: order.taskId, ordinal, sha256, size };
  const file = spoolFile(directory, ordinal);
  const uploaded = await tools.transfers.run(async () => {
    const may = gate.mayBegin();
    const isSent = may === 'go' || (may !== 'halted' && fetching.older.has(ordinal));
    return isSent ? await upload(tools.uploads, { target, file, deadline: order.deadline, signal }) : may;
  });
  if (uploaded === 'cancelled' || uploaded === 'expired') {
    end(fetching, ordinal, { ...neverBegun(uploaded, { sha256, size }), message: unsentMessages[uploaded] });
    dropSpooledBytes(directory, ordinal);
  } else if (uploaded !== 'halted') {
    endTransfer(fetching, spooled, uploaded);
  }
}

const unsentMessages = {
  cancelled: 'The order was withdrawn before the file’s bytes were sent.',
  expired: 'The deadline passed while the emergency stop kept the file’s bytes from being sent.',
} as const;

const uploadMessages = {
  too_large: 'The server takes no file of this size, or no more bytes of this endpoint, or of this action, just now.',
  refused: 'The server refused the file’s bytes.',
  deadline: 'The file’s bytes could not be sent before the deadline.',
  no_room: 'Evidence storage on the server had no room for the file’s bytes, or did not answer, until the deadline.',
} as const satisfies Record<Exclude<UploadEnd, 'stored' | 'abandoned'>, string>;

function endTransfer(fetching: Fetching, captured: Captured, uploaded: UploadEnd): void {
  const { ordinal, sha256, size, losses, details } = captured;
  if (uploaded === 'abandoned') {
    throw new Abandoned('The agent is stopping.');
  }
  if (uploaded === 'stored') {
    const from = details.fromVault === undefined ? '' : ', from the vault';
    const message = `The file’s bytes are on the server${from}.`;
    end(fetching, ordinal, { outcome: 'done', reason: null, message, sha256, size, losses, details });
  } else {
    const tooLarge = uploaded === 'too_large';
    const [outcome, reason] = tooLarge ? (['too_large', null] as const) : (['interrupted', 'upload_failed'] as const);
    end(fetching, ordinal, { outcome, reason, message: uploadMessages[uploaded], sha256, size, details });
  }
  dropSpooledBytes(fetching.directory, ordinal);
}

function end(fetching: Fetching, ordinal: number, facts: Parameters<typeof ending>[0]): void {
  const { path, vaultObject } = fileOf(fetching.order, ordinal);
  const file = { ...ending({ ...facts, path, vaultObject }), ordinal };
  const spooled: Spooled = { state: 'ended', file };
  writeSpooled(fetching.directory, spooled);
  fetching.notes.set(ordinal, spooled);
}

function endOf({ notes }: Fetching, ordinal: number): ReportedFile {
  const spooled = notes.get(ordinal);
  if (spooled?.state !== 'ended') {
    throw new Error(`File ${ordinal} of a fetch has no end.`);
  }
  return spooled.file;
}

function fileOf({ parameters }: FetchOrder, ordinal: number): FetchParameters['files'][number] {
  const file = parameters.files[ordinal];
  if (file === undefined) {
    throw new Error(`The order has no file ${ordinal}.`);
  }
  return file;
}
