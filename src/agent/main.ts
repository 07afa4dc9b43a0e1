import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import { runAgentIn } from './compose.ts';
import type { EnrolledAgent, Enrolment } from './enrol.ts';
import type { TrustChange, TrustFacts } from './identity/change-trust.ts';
import { claim, type DataDirectory, dataDirectory, prepare } from './identity/data-directory.ts';
import { type Identity, type Reach, readIdentity } from './identity/identity.ts';
import { type Pace, usualPace } from './inventory/reconciler.ts';
import { secureNet } from './link/secure-net.ts';
import { Servers } from './link/servers.ts';
import { currentPlatform } from './platform/current.ts';
import { durableFiles } from './platform/durable-files.ts';
import { childCommand } from './platform/program.ts';
import { rotatingFile } from './platform/rotating-file.ts';
import { standardErrorLog } from './platform/standard-error-log.ts';
import { systemClock } from './platform/system-clock.ts';
import { systemRandom } from './platform/system-random.ts';
import { policyPlace } from './policy/read-policy.ts';
import type { Installation } from './service/install.ts';
import type { CarriedEnd, CarriedRestore } from './service/restore-by-token.ts';
import type { AgentStatus, StatusQuestion } from './service/status.ts';
import type { Removal } from './service/uninstall.ts';
import type { HeldObject } from './service/vault-contents.ts';
import { stopSignal } from './stop-signal.ts';
import { readNextKey } from './vault/next-key.ts';
import type { Rekeyed } from './vault/rekey.ts';

export interface AgentOptions {
  readonly dataDirectory: string;
  /** Directories to inventory instead of those given at enrolment. */
  readonly roots?: readonly string[];
  /** Files and directories that no order may take away or hand out, beside the agent's own. */
  readonly protect?: readonly string[];
  /** The policy of this endpoint, which must then be there; default: the usual one, where there is one. */
  readonly policy?: string;
  /** Stop, as at a signal, when standard input ends: whoever started this agent is gone. */
  readonly stopWithInput?: boolean;
  /** Default: JSON lines on standard error. */
  readonly log?: Log;
  /** Stops the agent, beside SIGINT and SIGTERM. */
  readonly signal?: AbortSignal;
  /** How long a child may show no progress before it is killed. Default: one minute. */
  readonly patience?: Milliseconds;
  /** Bounds of the pause between two scans of the roots. */
  readonly pace?: Pace;
}

/** Of each of two files: enough for weeks of an ordinary agent. */
const logBytes = 4 * 1024 * 1024;

/** Enrols this machine, see `enrol.ts`. Loaded when it is called: a running agent holds no code for it. */
export async function enrolAgent(enrolment: Enrolment): Promise<EnrolledAgent> {
  const { enrolAgent: enrol } = await import('./enrol.ts');
  return enrol(enrolment);
}

/**
 * Runs the agent of a data directory until SIGINT, SIGTERM or the given signal.
 * @throws Fault `not_found` when the directory was never enrolled, `conflict` while another agent runs on it,
 *   `permission_denied` when the server refuses this endpoint for good.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const directory = dataDirectory(options.dataDirectory);
  await demandIdentity(directory);
  await prepare(directory);
  const release = claim(directory, await currentPlatform());
  // Only who holds the directory writes to the log in it.
  const log = options.log ?? standardErrorLog(rotatingFile(directory.log, logBytes));
  await finishRekey(directory, log);
  const identity = await demandIdentity(directory);
  // An agent that runs again looks after its vault itself: a later removal asks anew what becomes of it.
  rmSync(directory.kept, { force: true });
  const servers = new Servers(identity, { read: () => readAgain(directory.identity) });
  using stop = stopSignal({ signal: options.signal, withInput: options.stopWithInput ?? false });
  try {
    await runAgentIn({
      ...{ directory, identity },
      signal: stop.signal,
      roots: options.roots?.map((root) => path.resolve(root)) ?? identity.roots,
      protect: (options.protect ?? []).map((each) => path.resolve(each)),
      policy: policyPlace(options.policy),
      net: secureNet(() => servers.route),
      servers,
      clock: systemClock,
      random: systemRandom,
      log,
      childCommand: childCommand(),
      patience: options.patience ?? minute,
      pace: options.pace ?? usualPace,
    });
  } finally {
    release();
  }
}

async function demandIdentity(directory: DataDirectory): Promise<Identity> {
  const identity = await readIdentity(durableFiles, directory.identity);
  if (identity === undefined) {
    throw new Fault('not_found', `${directory.root} holds no enrolled agent. Run "custody agent enroll" first.`);
  }
  return identity;
}

/** A change of the vault's key that was cut off. What keeps it from its end must not keep the agent from its server. */
async function finishRekey(directory: DataDirectory, log: Log): Promise<void> {
  try {
    if ((await readNextKey(durableFiles, directory.root)) !== undefined) {
      const { finishRekey: finish } = await import('./vault/rekey.ts');
      await finish(directory, await currentPlatform());
    }
  } catch (cause) {
    log.error('A change of the vault’s key could not be brought to its end; the next start tries again.', { cause });
  }
}

/** Whoever changed the identity by hand wrote it whole; where it is gone, what was read at the start goes on to hold. */
async function readAgain(file: string): Promise<Reach> {
  const identity = await readIdentity(durableFiles, file);
  if (identity === undefined) {
    throw new Fault('not_found', `${file} is gone.`);
  }
  return identity;
}

/** What an administrator does on this machine; each is loaded when it is called. */
export async function agentStatus(question: StatusQuestion): Promise<AgentStatus> {
  const { agentStatus: ask } = await import('./service/status.ts');
  return ask(question);
}

export async function agentVault(question: StatusQuestion): Promise<readonly HeldObject[]> {
  const { vaultContents } = await import('./service/vault-contents.ts');
  const { root, vault } = dataDirectory(question.dataDirectory);
  if (!existsSync(vault)) {
    throw new Fault('not_found', `${root} is no agent's directory: it has no vault. Name the right one with --data.`);
  }
  return vaultContents(vault);
}

/** Gives the vault a new key of the device, see `vault/rekey.ts`. The agent must be stopped. */
export async function rekeyVault(question: StatusQuestion): Promise<Rekeyed> {
  const { rekeyVault: rekey } = await import('./vault/rekey.ts');
  return rekey(question.dataDirectory);
}

/** Carries out a restore that was brought here as text, see `service/restore-by-token.ts`. */
export async function restoreByToken(wish: CarriedRestore): Promise<CarriedEnd> {
  const { restoreByToken: restore } = await import('./service/restore-by-token.ts');
  return restore(wish);
}

export async function changeTrust(change: TrustChange): Promise<TrustFacts> {
  const { changeTrust: set } = await import('./identity/change-trust.ts');
  return set(change);
}

export async function installAgent(wish: Installation): Promise<readonly string[]> {
  const { installAgent: install } = await import('./service/install.ts');
  return install(wish);
}

export async function uninstallAgent(wish: Removal): Promise<readonly string[]> {
  const { uninstallAgent: uninstall } = await import('./service/uninstall.ts');
  return uninstall(wish);
}

/** The hidden life of this program as a child of the agent. @returns the exit code. */
export async function runAgentChild(): Promise<number> {
  const { runChild } = await import('./child/run.ts');
  await runChild();
  return 0;
}
