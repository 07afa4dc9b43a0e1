import { z } from 'zod';
import { asFault, Fault } from '#core/fault.ts';
import { provesConsistency } from '#core/ledger/verify-proof.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import { type Checkpoint, readCheckpoint } from '#wire/checkpoint.ts';
import { decode } from '#wire/codec.ts';
import { type LedgerStatement, ledgerStatementSchema } from '#wire/ledger.ts';
import type { AgentMessage, ServerMessage } from '#wire/messages.ts';
import { areSameBytes } from '#wire/same-bytes.ts';
import { isSignatureValid } from '#wire/signature.ts';
import { type NoteKey, openNote, readNoteKey } from '#wire/signed-note.ts';
import type { OrderKeys } from '../identity/order-keys.ts';

type CheckpointMessage = Extract<ServerMessage, { type: 'checkpoint' }>;

/** What an agent keeps of its server's ledger, on disk. */
const keptSchema = z.object({
  origin: z.string(),
  verifierKey: z.string(),
  /** The newest checkpoint, signed. */
  note: z.string(),
  /** Of ledgers that the server kept before; the newest first. */
  former: z.array(z.object({ origin: z.string(), note: z.string(), leftAt: z.number() })).max(4),
});

type Kept = z.infer<typeof keptSchema>;

/** What the order key has signed, byte by byte. */
interface CheckedStatement {
  readonly key: OrderKeys['current'];
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly statement: LedgerStatement;
  readonly noteKey: NoteKey;
}

export interface WitnessTools {
  readonly fs: Fs;
  readonly clock: Clock;
  readonly log: Log;
  readonly orderKeys: Pick<OrderKeys, 'current'>;
  /** Where it is kept. */
  readonly file: string;
  say(message: Exclude<AgentMessage, { type: 'hello' }>): boolean;
  /** What there is to say of the ledger, for people. */
  noticed(words: readonly string[]): void;
}

/** How often an agent asks: what was rewritten is found within this time (promise P57). */
const interval: Milliseconds = minute;

/**
 * Remembers what the server's record of events was, and finds out when it is no longer the same one: a server, or whoever writes to its
 * database, cannot take back what an agent has seen.
 */
export class Witness {
  readonly #tools: WitnessTools;
  #kept: Kept | undefined;
  #checked: CheckedStatement | undefined;
  /** The note that is kept, as it was read. */
  #readNote: { readonly note: string; readonly checkpoint: Checkpoint } | undefined;
  #isRead = false;
  #withdraw: (() => void) | undefined;
  /** Of connections, so far. */
  #losses = 0;

  constructor(tools: WitnessTools) {
    this.#tools = tools;
  }

  /** The server understands witnesses. */
  async connected(): Promise<void> {
    const losses = this.#losses;
    await this.#read();
    // Lost while the disk was read: nobody would end what began now.
    if (losses === this.#losses) {
      this.#ask();
    }
  }

  lost(): void {
    this.#losses += 1;
    this.#withdraw?.();
    this.#withdraw = undefined;
  }

  /** Never rejects: what does not hold is disputed, and the older word is kept, as it is where the newer one cannot be written. */
  async take(message: CheckpointMessage): Promise<void> {
    const statement = await this.#judge(message);
    if (statement === undefined) {
      return;
    }
    try {
      await this.#write(statement, message.note);
    } catch (cause) {
      this.#tools.log.warn('What was seen of the server’s record of events could not be kept.', { cause });
    }
  }

  /** @returns which ledger it is of; undefined for what was disputed. */
  async #judge(message: CheckpointMessage): Promise<LedgerStatement | undefined> {
    try {
      await this.#read();
      return this.#demandGrown(message);
    } catch (thrown) {
      const why = asFault(thrown).message;
      this.#tools.log.error('The server’s record of events is not the one that this agent has seen.', { why });
      this.#tools.noticed([`the server’s record of events is not the one that this agent has seen: ${why}`]);
      this.#tools.say({
        ...{ type: 'ledger_disputed', why: why.slice(0, 500), held: this.#kept?.note ?? '', offered: message.note },
      });
      return undefined;
    }
  }

  #ask(): void {
    this.#tools.say({ type: 'witness', origin: this.#kept?.origin ?? '', size: this.#held()?.size ?? 0 });
    this.#withdraw = this.#tools.clock.schedule(interval, () => this.#ask());
  }

  /** @throws Fault with what does not hold */
  #demandGrown({ ledger, signature, note, proof }: CheckpointMessage): LedgerStatement {
    const { statement, noteKey } = this.#readStatement(ledger, signature);
    const offered = readCheckpoint(openNote(note, noteKey));
    if (offered.origin !== statement.origin) {
      throw new Fault('invalid_request', `It calls itself ${offered.origin}, and the server ${statement.origin}.`);
    }
    if (this.#kept !== undefined && this.#kept.origin === statement.origin) {
      if (this.#kept.verifierKey !== statement.verifierKey) {
        throw new Fault('conflict', 'It is signed with another key than before.');
      }
      demandGrowth(this.#held(), offered, proof);
    }
    return statement;
  }

  /** The statement stays the same for as long as the server keeps its keys: what was checked once is compared after that. */
  #readStatement(bytes: Uint8Array, signature: Uint8Array): CheckedStatement {
    const key = this.#tools.orderKeys.current;
    const known = this.#checked;
    if (known?.key === key && areSameBytes(known.bytes, bytes) && areSameBytes(known.signature, signature)) {
      return known;
    }
    const statement = this.#checkStatement(bytes, signature);
    const noteKey = readNoteKey(statement.verifierKey);
    const checked = { key, bytes: bytes.slice(), signature: signature.slice(), statement, noteKey };
    this.#checked = checked;
    return checked;
  }

  #checkStatement(bytes: Uint8Array, signature: Uint8Array): LedgerStatement {
    if (!isSignatureValid('custody-ledger-v1', { bytes, signature }, this.#tools.orderKeys.current)) {
      throw new Fault('unauthenticated', 'Its key was not signed by the order key.');
    }
    return decode(bytes, ledgerStatementSchema);
  }

  async #write({ origin, verifierKey }: LedgerStatement, note: string): Promise<void> {
    const before = this.#kept;
    const isAnother = before !== undefined && before.origin !== origin;
    if (before?.note === note) {
      return;
    }
    const left = isAnother ? [{ origin: before.origin, note: before.note, leftAt: this.#tools.clock.now() }] : [];
    const former = [...left, ...(before?.former ?? [])].slice(0, 4);
    const kept = { origin, verifierKey, note, former };
    await this.#tools.fs.replace(this.#tools.file, new TextEncoder().encode(`${JSON.stringify(kept, null, 2)}\n`));
    this.#kept = kept;
    if (isAnother) {
      this.#tools.log.warn('The server keeps another record of events than before.', { before: before.origin, origin });
    }
    this.#tell();
  }

  #tell(): void {
    const [last] = this.#kept?.former ?? [];
    const at = last === undefined ? '' : new Date(last.leftAt).toISOString();
    const words = `the server began a new record of events (${this.#kept?.origin}) in place of ${last?.origin} at ${at}`;
    this.#tools.noticed(last === undefined ? [] : [words]);
  }

  #held(): Checkpoint | undefined {
    const note = this.#kept?.note;
    if (note !== this.#readNote?.note) {
      this.#readNote = note === undefined ? undefined : { note, checkpoint: readCheckpoint(note) };
    }
    return this.#readNote?.checkpoint;
  }

  /** A file that cannot be read is left where it is, and what comes is not taken on trust in its place. */
  async #read(): Promise<void> {
    if (this.#isRead) {
      return;
    }
    const bytes = await this.#tools.fs.read(this.#tools.file);
    if (bytes !== undefined) {
      this.#kept = keptSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
      this.#tell();
    }
    this.#isRead = true;
  }
}

function demandGrowth(held: Checkpoint | undefined, offered: Checkpoint, proof: readonly Uint8Array[]): void {
  if (held === undefined) {
    return;
  }
  if (offered.size < held.size) {
    throw new Fault('conflict', `It had ${held.size} events, and has ${offered.size}.`);
  }
  if (!provesConsistency(proof, { older: held, newer: offered })) {
    throw new Fault('conflict', `Its first ${held.size} events are not those that they were.`);
  }
}
