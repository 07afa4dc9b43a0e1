import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Identity, readIdentity } from '#agent/identity/identity.ts';
import { enrolAgent, runAgent } from '#agent/main.ts';
import { durableFiles } from '#agent/platform/durable-files.ts';
import type { Log } from '#core/ports/log.ts';
import { encode } from '#wire/codec.ts';
import type { ServerMessage } from '#wire/messages.ts';
import type { SignatureContext } from '#wire/signature.ts';
import type { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';

/** What an enrolment is told of a server. */
interface Spoken {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
}

/** An agent in this process that is enrolled with one server, and may find itself with another. */
export class MovingAgent implements AsyncDisposable {
  readonly data = mkdtempSync(path.join(tmpdir(), 'custody-moving-'));
  /** Everything that it logged, with its facts. */
  readonly logged: string[] = [];
  private readonly stop = new AbortController();
  private run: Promise<void> = Promise.resolve();

  static async start(server: Spoken, otherServers: readonly string[] = []): Promise<MovingAgent> {
    const agent = new MovingAgent();
    const given = { server: server.url, otherServers, caFile: server.caFile, token: server.token };
    await enrolAgent({ ...given, dataDirectory: agent.data, roots: [] });
    const { signal } = agent.stop;
    agent.run = runAgent({ dataDirectory: agent.data, signal, log: agent.log() });
    return agent;
  }

  async identity(): Promise<Identity> {
    const identity = await readIdentity(durableFiles, path.join(this.data, 'identity.json'));
    if (identity === undefined) {
      throw new Error('The agent has no identity.');
    }
    return identity;
  }

  saidOf(words: string): Promise<string> {
    return until(() => this.logged.find((line) => line.includes(words)), `the agent says: ${words}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.run;
    rmSync(this.data, { recursive: true, force: true });
  }

  private log(): Log {
    const keep = (message: string, facts?: unknown) => void this.logged.push(`${message} ${JSON.stringify(facts)}`);
    return { debug: keep, info: keep, warn: keep, error: keep };
  }
}

export interface TrustWords {
  readonly sequence: number;
  readonly servers: readonly string[];
  readonly authorities: readonly Pick<TinyServer, 'caFile'>[];
}

/** A `trust` as this server would sign it, or as somebody would who signs it for something else. */
export function trustOf(signer: TinyServer, words: TrustWords, context: SignatureContext = 'custody-trust-v1') {
  const authorities = words.authorities.map(({ caFile }) => readFileSync(caFile, 'utf8'));
  const trust = encode({ v: 1, sequence: words.sequence, servers: words.servers, authorities });
  return { type: 'trust', trust, signature: signer.sign(trust, context) } as const satisfies ServerMessage;
}
