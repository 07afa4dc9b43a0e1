import { z } from 'zod';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import { version } from '#core/version.ts';
import { readOwnFile, replaceOwnFile } from '../platform/own-files.ts';

const time = z.number().int().nonnegative();

const statusSchema = z.object({
  v: z.literal(1),
  agentVersion: z.string(),
  pid: z.number().int().positive(),
  startedAt: time,
  writtenAt: time,
  connected: z.boolean(),
  /** When a connection to a server last stood; null: not in this life of the agent. */
  lastContact: time.nullable(),
  /** Why the last connection ended, or why there is none. */
  trouble: z.string().nullable(),
  limitations: z.array(z.string()),
});

/** What a running agent says of itself, in its own data directory. Times are milliseconds since 1970. */
export type AgentStatusFile = z.infer<typeof statusSchema>;

/** How old what is written may be at most, while the agent runs. */
const writeEvery: Milliseconds = minute;

/** Keeps the file beside the agent: written when something changes, and every minute. */
export class StatusFile {
  private connected = false;
  private lastContact: Milliseconds | null = null;
  private trouble: string | null = null;
  private withdraw: (() => void) | undefined;
  private isStopped = false;
  private readonly startedAt: Milliseconds;
  private readonly file: string;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly limitations: () => readonly string[];

  constructor(file: string, tools: { readonly clock: Clock; readonly log: Log; limitations(): readonly string[] }) {
    this.file = file;
    this.clock = tools.clock;
    this.log = tools.log;
    this.limitations = tools.limitations;
    this.startedAt = tools.clock.now();
  }

  start(): void {
    this.write();
  }

  welcomed(): void {
    this.connected = true;
    this.trouble = null;
    this.write();
  }

  lost(why: string): void {
    this.lastContact = this.connected ? this.clock.now() : this.lastContact;
    this.connected = false;
    this.trouble = why;
    this.write();
  }

  /** The last word: nothing is connected any more. */
  stop(): void {
    this.lost('The agent was stopped.');
    this.isStopped = true;
    this.withdraw?.();
  }

  /** An agent whose status cannot be written works all the same, and says so. */
  private write(): void {
    if (this.isStopped) {
      return;
    }
    this.withdraw?.();
    this.withdraw = this.clock.schedule(writeEvery, () => this.write());
    try {
      replaceOwnFile(this.file, `${JSON.stringify(this.status())}\n`);
    } catch (cause) {
      this.log.warn('The agent’s status could not be written.', { file: this.file, cause });
    }
  }

  private status(): AgentStatusFile {
    const now = this.clock.now();
    this.lastContact = this.connected ? now : this.lastContact;
    const { startedAt, connected, lastContact, trouble } = this;
    return {
      ...{ v: 1, agentVersion: version, pid: process.pid, writtenAt: now },
      ...{ startedAt, connected, lastContact, trouble, limitations: [...this.limitations()] },
    };
  }
}

/** Undefined when no agent has written one, or another version did. */
export function readStatusFile(file: string): AgentStatusFile | undefined {
  const text = readOwnFile(file);
  try {
    return text === undefined ? undefined : statusSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
