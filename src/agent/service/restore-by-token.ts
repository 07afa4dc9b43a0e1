import type { SignedBytes } from '#core/action/action.ts';
import type { ActionId, TaskId } from '#core/action/action-id.ts';
import { isGivingBack } from '#core/action/giving-back.ts';
import { Fault } from '#core/fault.ts';
import { displayPath } from '#core/file/file-path.ts';
import { isSuccess } from '#core/outcome.ts';
import { minute, second } from '#core/time.ts';
import { decode } from '#wire/codec.ts';
import type { Order } from '#wire/order.ts';
import { readOrderToken } from '#wire/order-token.ts';
import { reportSchema } from '#wire/report.ts';
import { readPrivateKey, readPublicKey } from '#wire/signature.ts';
import { tidyVault } from '../chores/tidy-vault.ts';
import { type DataDirectory, dataDirectory, prepare } from '../identity/data-directory.ts';
import { type Identity, readIdentity } from '../identity/identity.ts';
import { Journal } from '../journal/journal.ts';
import { laneOf, openLanes, workshopOf } from '../means.ts';
import { currentPlatform } from '../platform/current.ts';
import { durableFiles } from '../platform/durable-files.ts';
import { childCommand } from '../platform/program.ts';
import { systemClock } from '../platform/system-clock.ts';
import { PolicyKeeper } from '../policy/policy-keeper.ts';
import { policyPlace } from '../policy/read-policy.ts';
import { handOver } from '../tasks/carried-orders.ts';
import { carryOutVaultOrder } from '../tasks/carry-out.ts';
import { ClockNote } from '../tasks/clock-note.ts';
import { Halt } from '../tasks/halt.ts';
import { pause } from '../tasks/pause.ts';
import { TaskRunner } from '../tasks/runner.ts';
import { ServerClock } from '../tasks/server-clock.ts';
import { verifyOrder } from '../tasks/verify-order.ts';
import { runningAgent } from './running.ts';
import { silent } from './unsent-reports.ts';

export interface CarriedRestore {
  readonly dataDirectory: string;
  readonly policy?: string;
  readonly token: string;
}

/** How a carried order ended, as the agent's report tells it. */
export interface CarriedEnd {
  readonly actionId: ActionId;
  /** It was carried out before, and nothing was done now. */
  readonly isRepeated: boolean;
  readonly files: readonly {
    readonly path: string | null;
    readonly outcome: string;
    readonly succeeded: boolean;
    readonly message: string;
  }[];
}

interface Carried {
  readonly directory: DataDirectory;
  readonly identity: Identity;
  readonly order: Order;
  readonly signed: SignedBytes;
  readonly policy: string | undefined;
}

const lookPause = second / 2;
/** Until the agent that runs here must have seen the token. */
const patience = 20 * second;

/**
 * Carries out a restore that was brought to this machine as text, without any network: by the agent that runs here, or, where none does,
 * in this process. The journal knows the task either way, so that it is done once, and is reported when the agent has a connection.
 * @throws Fault `not_found` where no agent is enrolled; `invalid_request` for what is no token, or no restore; `permission_denied` for one
 * that is not for this machine, or not by the order key that its agent trusts
 */
export async function restoreByToken(wish: CarriedRestore): Promise<CarriedEnd> {
  const carried = await demandOurs(wish);
  const { directory, order } = carried;
  await prepare(directory);
  const before = await reportOf(directory, order.taskId);
  if (before !== undefined) {
    return { ...endOf(order, before), isRepeated: true };
  }
  const isOwnWork = await carryOutOrHandOver(carried);
  const report = isOwnWork ? await reportOf(directory, order.taskId) : await reportOfRunningAgent(carried);
  if (report === undefined) {
    throw new Fault(
      'unavailable',
      'The restore could not be carried out; the next start of the agent goes on with it.',
    );
  }
  return { ...endOf(order, report), isRepeated: false };
}

/** @returns whether it was done in this process: no agent runs here. */
async function carryOutOrHandOver(carried: Carried): Promise<boolean> {
  const { directory, order, signed } = carried;
  const release = (await currentPlatform()).lock(directory.lock, { wait: false });
  if (release === undefined) {
    await handOver({ fs: durableFiles, directory: directory.carried }, { taskId: order.taskId, signed });
    return false;
  }
  try {
    await carryOutHere(carried);
    return true;
  } finally {
    release();
  }
}

/** It may have to wait for what the agent is doing, but not for the agent to notice. */
async function reportOfRunningAgent({ directory, order }: Carried): Promise<SignedBytes | undefined> {
  const begun = systemClock.monotonic();
  while (runningAgent(directory.lock) !== undefined) {
    const report = await reportOf(directory, order.taskId);
    if (report !== undefined) {
      return report;
    }
    if (systemClock.monotonic() - begun > patience && !(await isTaken(directory, order.taskId))) {
      throw new Fault(
        'conflict',
        'The agent that runs here does not take the token; its log says why. Stop it, and give the token again.',
      );
    }
    await pause(systemClock, lookPause, new AbortController().signal);
  }
  return await reportOf(directory, order.taskId);
}

async function isTaken(directory: DataDirectory, taskId: TaskId): Promise<boolean> {
  const { journal } = await Journal.open(durableFiles, directory.journal, silent);
  return journal.stateOf(taskId) !== undefined;
}

async function demandOurs({ dataDirectory: root, token, policy }: CarriedRestore): Promise<Carried> {
  const directory = dataDirectory(root);
  const identity = await readIdentity(durableFiles, directory.identity);
  if (identity === undefined) {
    throw new Fault('not_found', `${directory.root} holds no enrolled agent. Name the right directory with --data.`);
  }
  const signed = readOrderToken(token);
  const orderKey = readPublicKey(new Uint8Array(Buffer.from(identity.orderKey, 'base64')));
  const verdict = verifyOrder(signed, orderKey, identity.endpointId);
  if (!verdict.genuine) {
    throw new Fault('permission_denied', `The token is not for this agent: ${verdict.why}`);
  }
  if (!isGivingBack(verdict.order.parameters.verb)) {
    throw new Fault(
      'invalid_request',
      `The token is a ${verdict.order.parameters.verb}, and only what gives files back is carried by hand.`,
    );
  }
  return { directory, identity, order: verdict.order, signed, policy };
}

/** As the agent would do it, with its lock held. */
async function carryOutHere({ directory, identity, order, signed, policy: file }: Carried): Promise<void> {
  const { journal, open } = await Journal.open(durableFiles, directory.journal, silent);
  const known = open.find(({ taskId }) => taskId === order.taskId);
  if (known === undefined && journal.stateOf(order.taskId) !== undefined) {
    demandReadable(journal, order.taskId);
    return;
  }
  const entry = known ?? (await journal.receive(order.taskId, order.deadline, signed));
  const clockNote = await ClockNote.open(durableFiles, directory.serverClock, silent);
  const policy = new PolicyKeeper(policyPlace(file), silent);
  const shop = { clock: systemClock, log: silent, patience: minute, directory, identity, protect: [] };
  const workshop = workshopOf({ ...shop, childCommand: childCommand() }, policy.current);
  const lanes = openLanes();
  const { signal } = new AbortController();
  const runner = new TaskRunner({
    ...{ journal, clock: new ServerClock(systemClock, clockNote.former), log: silent, signal },
    halt: await Halt.open(durableFiles, directory.halt, silent),
    deviceKey: readPrivateKey(identity.devicePrivateKey).key,
    laneOf: ({ parameters }) => laneOf(lanes, parameters, policy.recent.vaultQuotaBytes),
    perform: (each, { gate, isResumed }) => carryOutVaultOrder(workshop, { order: each, isResumed }, { signal, gate }),
    reported: () => undefined,
  });
  await lanes.vault.run('whole', () => tidyVault(workshop, { open: [...open, entry], log: silent, signal }));
  await runner.forestall(entry);
  runner.start(entry);
  runner.hurry(order.taskId);
  await runner.idle();
}

function demandReadable(journal: Journal, taskId: TaskId): void {
  if (journal.stateOf(taskId) === 'damaged') {
    throw new Fault(
      'conflict',
      'The journal entry of this order cannot be read, so it is not carried out again: have another token issued.',
    );
  }
}

async function reportOf(directory: DataDirectory, taskId: TaskId): Promise<SignedBytes | undefined> {
  const { journal } = await Journal.open(durableFiles, directory.journal, silent);
  demandReadable(journal, taskId);
  return await journal.report(taskId);
}

function endOf({ actionId }: Order, { bytes }: SignedBytes): Omit<CarriedEnd, 'isRepeated'> {
  const { files } = decode(bytes, reportSchema);
  return {
    actionId,
    files: files.map(({ path: where, outcome, message }) => ({
      ...{ outcome, message, succeeded: isSuccess(outcome) },
      path: where === null ? null : displayPath(where),
    })),
  };
}
