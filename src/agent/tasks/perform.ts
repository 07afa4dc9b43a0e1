import type {
  PlanParameters,
  PurgeParameters,
  QuarantineParameters,
  RestoreObjectsParameters,
  RestoreParameters,
  UndoParameters,
} from '#core/action/verb.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import type { Job, VaultPart } from '../child/job.ts';
import { type JobOptions, type JobResult, runJob } from '../child/run-job.ts';
import type { ChildEnd, ChildOptions } from '../child/spawn.ts';
import { type Ending, ending } from '../operations/ending.ts';
import type { VaultKeys } from '../operations/room.ts';
import type { EndpointPolicy } from '../policy/policy.ts';
import type { Heed } from './task-gate.ts';

/** The agent is shutting down: the task stays begun, and goes on in the agent's next life. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

/** A server has halted what was ordered: the task stays begun, what it had begun is at its end, and it goes on later. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

/** What every job with the vault in it needs. */
export interface Workshop {
  readonly child: ChildOptions;
  readonly vault: string;
  readonly keys: VaultKeys;
  /** What belongs to the agent and is never taken: its data directory and its program. */
  readonly own: readonly string[];
  /** As it is when the work begins. */
  readonly policy: EndpointPolicy;
  /** The file of the inventory, which quarantines by hash ask; without it they find nothing. */
  readonly database?: string;
}

type GivingParameters =
  | RestoreParameters
  | RestoreObjectsParameters
  | PlanParameters
  | UndoParameters
  | PurgeParameters;
type VaultParameters = QuarantineParameters | GivingParameters;
type VaultOrder = Order & { readonly parameters: VaultParameters };
type OneJobParameters = (QuarantineParameters & { readonly path: FilePath }) | GivingParameters;
type OneJobOrder = Order & { readonly parameters: OneJobParameters };
type CopiesOrder = Order & { readonly parameters: QuarantineParameters & { readonly sha256: Sha256 } };

/** A child that crashed is started again this often; each run recovers what the one before left. */
const attempts = 3;
/** Copies of one file that a child may get stuck on before the rest is given up: each costs its whole patience. */
const mostStuck = 5;

/** The part of a job that says which vault, and what its owner allows. */
export function vaultPart({ vault, keys, own, policy }: Workshop): VaultPart {
  return { vault, keys, own: [...own], policy };
}

/**
 * Runs a quarantine, a restore, an undo or a purge in a child, again after a crash; when that does not help, has what was begun settled.
 * Before each file its gate is asked.
 * @throws Abandoned when the signal is given, Paused when the gate is halted before a file that is not begun.
 */
export async function performVaultOrder(workshop: Workshop, order: VaultOrder, heed: Heed): Promise<ReportedFile[]> {
  const { parameters } = order;
  if (parameters.verb !== 'quarantine') {
    return await performOne(workshop, { ...order, parameters }, heed);
  }
  const { path, sha256 } = parameters;
  if (path !== null) {
    return await performOne(workshop, { ...order, parameters: { ...parameters, path } }, heed);
  }
  if (sha256 === null) {
    throw new Error('A quarantine names neither a path nor a hash.');
  }
  return await performCopies(workshop, { ...order, parameters: { ...parameters, sha256 } }, heed);
}

async function performOne(workshop: Workshop, order: OneJobOrder, heed: Heed): Promise<ReportedFile[]> {
  const { parameters } = order;
  const { signal, gate } = heed;
  const job = (settle: boolean) => jobOf(workshop, order, settle);
  const options: JobOptions = { ...workshop.child, mayBegin: () => gate.mayBegin() };
  let result = await runAgainAfterCrash(options, job(false), signal);
  if (!result.ok && result.end !== 'stopped') {
    result = await settle(workshop, job(true), signal);
  }
  return numbered(
    result.ok ? endingsOf(result) : [unsettled(parameters, pathOf(parameters), demandNotStopped(result.end))],
  );
}

async function runAgainAfterCrash(options: JobOptions, job: Job, signal: AbortSignal): Promise<JobResult> {
  let result: JobResult = { ok: false, end: 'crashed' };
  for (let attempt = 1; attempt <= attempts && !result.ok && result.end === 'crashed'; attempt += 1) {
    result = await runJob(options, job, signal);
  }
  return result;
}

async function settle(workshop: Workshop, job: Job, signal: AbortSignal): Promise<JobResult> {
  workshop.child.log.warn('A task could not be finished and is being settled.', { kind: job.kind });
  return await runJob(workshop.child, job, signal);
}

function jobOf(workshop: Workshop, { parameters, taskId }: OneJobOrder, settled: boolean): Job {
  const common = { ...vaultPart(workshop), taskId, settle: settled };
  switch (parameters.verb) {
    case 'quarantine': {
      const { path, sha256, overrideProtection } = parameters;
      return { ...common, kind: 'quarantine', path, sha256, overrideProtection };
    }
    case 'restore': {
      const { sha256, vaultObject, to, ifOccupied } = parameters;
      return { ...common, kind: 'restore', sha256, vaultObject, to, ifOccupied };
    }
    case 'restore_objects': {
      const { sha256, objects } = parameters;
      return { ...common, kind: 'restore_objects', sha256, objects };
    }
    case 'plan': {
      const { sha256, vaultObject, to } = parameters;
      return { ...common, kind: 'plan', sha256, vaultObject, to };
    }
    case 'undo': {
      const { taskId: undoes, ifOccupied } = parameters;
      return { ...common, kind: 'undo', undoes, ifOccupied };
    }
    case 'purge': {
      const { sha256, vaultObject } = parameters;
      return { ...common, kind: 'purge', sha256, vaultObject };
    }
  }
}

function copiesJobOf(workshop: Workshop, { parameters, taskId }: CopiesOrder, except: FilePath[]): Job {
  const { sha256, overrideProtection } = parameters;
  const database = workshop.database ?? '';
  return {
    ...vaultPart(workshop),
    taskId,
    settle: false,
    kind: 'copies',
    sha256,
    overrideProtection,
    database,
    except,
  };
}

/**
 * Every copy of a hash: the one that a child got stuck on is settled by itself and left out of the next run, so that a dead
 * mount costs one copy its end, and not the others.
 */
async function performCopies(workshop: Workshop, order: CopiesOrder, heed: Heed): Promise<ReportedFile[]> {
  const { signal, gate } = heed;
  const stuck = new Map<FilePath, Ending>();
  for (;;) {
    let current: FilePath | undefined;
    const told = new Map<string, Ending>();
    const options: JobOptions = {
      ...workshop.child,
      mayBegin: () => gate.mayBegin(),
      told: ({ path, ending: ended }) => {
        current = ended === null ? path : undefined;
        if (ended !== null) {
          told.set(Buffer.from(path).toString('latin1'), ended);
        }
      },
    };
    const job = copiesJobOf(workshop, order, [...stuck.keys()]);
    const result = await runAgainAfterCrash(options, job, signal);
    if (result.ok) {
      return numbered([...stuck.values(), ...endingsOf(result, stuck.size === 0 ? 1 : 0)]);
    }
    const end = demandNotStopped(result.end);
    if (current === undefined || stuck.size === mostStuck) {
      const rest = [...told.values(), unsettled(order.parameters, current ?? null, end)];
      return numbered([...stuck.values(), ...rest]);
    }
    stuck.set(
      current,
      await settleCopy(workshop, { ...order, parameters: { ...order.parameters, path: current } }, signal),
    );
  }
}

async function settleCopy(workshop: Workshop, order: OneJobOrder, signal: AbortSignal): Promise<Ending> {
  const result = await settle(workshop, jobOf(workshop, order, true), signal);
  const [first] = result.ok ? endingsOf(result) : [];
  return (
    first ?? unsettled(order.parameters, pathOf(order.parameters), result.ok ? 'crashed' : demandNotStopped(result.end))
  );
}

function demandNotStopped(end: ChildEnd): Exclude<ChildEnd, 'stopped'> {
  if (end === 'stopped') {
    throw new Abandoned('The agent is stopping.');
  }
  return end;
}

/** @param least how many there must be: none where every copy was one that a child got stuck on. */
function endingsOf(result: Extract<JobResult, { ok: true }>, least = 1): readonly Ending[] {
  const { answer } = result;
  if (answer.type === 'endings' && answer.endings.length >= least) {
    return answer.endings;
  }
  if (answer.type === 'halted') {
    throw new Paused('A server has halted what was ordered.');
  }
  throw new Error(answer.type === 'failed' ? answer.message : 'A child gave an answer to another question.');
}

function numbered(endings: readonly Ending[]): ReportedFile[] {
  return endings.map((each, ordinal) => ({ ...each, ordinal }));
}

function pathOf(parameters: VaultParameters): FilePath | null {
  return parameters.verb === 'quarantine' ? parameters.path : null;
}

function unsettled(parameters: VaultParameters, path: FilePath | null, end: Exclude<ChildEnd, 'stopped'>): Ending {
  const stalled = end === 'stalled';
  return ending({
    outcome: 'interrupted',
    reason: stalled ? 'mount_dead' : 'agent_restarted',
    message: stalled
      ? 'The file system did not answer in time. What was begun is settled when the agent starts next, and the file system answers.'
      : 'The work was cut off again and again. What was begun is settled when the agent starts next.',
    path,
    sha256: 'sha256' in parameters ? parameters.sha256 : null,
  });
}
