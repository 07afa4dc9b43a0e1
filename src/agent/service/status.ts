import type { Verb } from '#core/action/verb.ts';
import { dataDirectory } from '../identity/data-directory.ts';
import { type Identity, readIdentity } from '../identity/identity.ts';
import { Journal } from '../journal/journal.ts';
import { durableFiles } from '../platform/durable-files.ts';
import { PolicyKeeper } from '../policy/policy-keeper.ts';
import { type PolicyPlace, policyPlace } from '../policy/read-policy.ts';
import { Halt } from '../tasks/halt.ts';
import { runningAgent } from './running.ts';
import { readStatusFile } from './status-file.ts';
import { silent } from './unsent-reports.ts';
import { vaultContents } from './vault-contents.ts';

/** What an administrator asks of one machine's agent; the first that applies. */
export const standings = ['connected', 'disconnected', 'stopped', 'not_enrolled'] as const;

export type Standing = (typeof standings)[number];

export interface AgentStatus {
  readonly standing: Standing;
  readonly enrolled: {
    readonly endpointId: string;
    readonly endpointNumber: number;
    readonly servers: readonly string[];
  } | null;
  readonly pid: number | null;
  readonly agentVersion: string | null;
  /** Milliseconds since 1970; null: not known. */
  readonly startedAt: number | null;
  readonly lastContact: number | null;
  /** Why there is no connection. */
  readonly trouble: string | null;
  readonly vault: {
    readonly files: number;
    /** Bytes on the disk. */
    readonly stored: number;
    readonly quota: number | null;
  };
  readonly openTasks: number;
  /** What a server has halted: nothing of it is begun. Where that cannot be read it is all that can be halted. */
  readonly halted: readonly Verb[];
  /** Ended, and not yet known to the server. */
  readonly unsentReports: number;
  readonly policy: { readonly file: string; readonly rules: number | null; readonly trouble: string | null };
  readonly limitations: readonly string[];
}

export interface StatusQuestion {
  readonly dataDirectory: string;
  readonly policy?: string;
}

/** Reads the data directory only: it works on a stopped agent too, and asks a running one nothing. */
export async function agentStatus(question: StatusQuestion): Promise<AgentStatus> {
  const directory = dataDirectory(question.dataDirectory);
  const identity = await readIdentity(durableFiles, directory.identity);
  const pid = runningAgent(directory.lock) ?? null;
  const said = readStatusFile(directory.status);
  const isRunning = pid !== null && said?.pid === pid;
  const contents = vaultContents(directory.vault);
  const { journal, open } = await Journal.open(durableFiles, directory.journal, silent);
  const policy = policyStatus(policyPlace(question.policy));
  return {
    standing: standingOf(identity, pid !== null, isRunning && said.connected),
    enrolled: enrolment(identity),
    pid,
    agentVersion: said?.agentVersion ?? null,
    startedAt: isRunning ? said.startedAt : null,
    lastContact: said?.lastContact ?? null,
    trouble: said?.trouble ?? null,
    vault: {
      files: contents.length,
      stored: contents.reduce((sum, { stored }) => sum + stored, 0),
      quota: policy.quota,
    },
    openTasks: open.length,
    halted: (await Halt.open(durableFiles, directory.halt, silent)).verbs,
    unsentReports: journal.unrecorded.length,
    policy: policy.shown,
    limitations: said?.limitations ?? [],
  };
}

function standingOf(identity: Identity | undefined, runs: boolean, connected: boolean): Standing {
  if (identity === undefined) {
    return 'not_enrolled';
  }
  if (!runs) {
    return 'stopped';
  }
  return connected ? 'connected' : 'disconnected';
}

function enrolment(identity: Identity | undefined): AgentStatus['enrolled'] {
  if (identity === undefined) {
    return null;
  }
  const { endpointId, endpointNumber, servers } = identity;
  return { endpointId, endpointNumber, servers };
}

function policyStatus(place: PolicyPlace) {
  const state = new PolicyKeeper(place, silent).state();
  return {
    quota: state.ok ? state.policy.vaultQuotaBytes : null,
    shown: {
      file: place.file,
      rules: state.ok ? state.policy.rules.length : null,
      trouble: state.ok ? null : state.why,
    },
  };
}
