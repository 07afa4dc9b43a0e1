import path from 'node:path';
import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import { runAgentIn } from './compose.ts';
import type { EnrolledAgent, Enrolment } from './enrol.ts';
import { claim, dataDirectory, prepare } from './identity/data-directory.ts';
import { readIdentity } from './identity/identity.ts';
import { type Pace, usualPace } from './inventory/reconciler.ts';
import { secureNet } from './link/secure-net.ts';
import { currentPlatform } from './platform/current.ts';
import { durableFiles } from './platform/durable-files.ts';
import { childCommand } from './platform/program.ts';
import { standardErrorLog } from './platform/standard-error-log.ts';
import { systemClock } from './platform/system-clock.ts';
import { systemRandom } from './platform/system-random.ts';
import { stopSignal } from './stop-signal.ts';

export interface AgentOptions {
  readonly dataDirectory: string;
  /** Directories to inventory instead of those given at enrolment. */
  readonly roots?: readonly string[];
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
  const identity = await readIdentity(durableFiles, directory.identity);
  if (identity === undefined) {
    throw new Fault('not_found', `${directory.root} holds no enrolled agent. Run "custody agent enroll" first.`);
  }
  await prepare(directory);
  const release = claim(directory, await currentPlatform());
  using stop = stopSignal({ signal: options.signal, withInput: options.stopWithInput ?? false });
  try {
    await runAgentIn({
      ...{ directory, identity },
      signal: stop.signal,
      roots: options.roots?.map((root) => path.resolve(root)) ?? identity.roots,
      net: secureNet(identity),
      clock: systemClock,
      random: systemRandom,
      log: options.log ?? standardErrorLog(),
      childCommand: childCommand(),
      patience: options.patience ?? minute,
      pace: options.pace ?? usualPace,
    });
  } finally {
    release();
  }
}

/** The hidden life of this program as a child of the agent. @returns the exit code. */
export async function runAgentChild(): Promise<number> {
  const { runChild } = await import('./child/run.ts');
  await runChild();
  return 0;
}
