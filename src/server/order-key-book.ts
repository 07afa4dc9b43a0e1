import { z } from 'zod';
import { asFault, Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import type { OrderKeyChange, SignedKeyChange } from '#core/ports/order-signer.ts';
import type { Milliseconds } from '#core/time.ts';
import { changesBetween, readKeyChange } from '#wire/order-key.ts';
import { fromStored, storedChangeSchema, toStored } from './signer/stored-change.ts';

const bookSchema = z.object({
  v: z.literal(1),
  /** Base64. */
  publicKey: z.base64().length(44),
  /** Oldest first. */
  changes: z.array(storedChangeSchema.extend({ learntAt: z.number().int().nonnegative() })),
});

type Book = z.infer<typeof bookSchema>;

export interface BookTools {
  readonly fs: Fs;
  readonly clock: Clock;
  readonly log: Log;
  readonly file: string;
  /** Makes the changes part of the record of events. May be called again with the same ones. */
  record(changes: readonly OrderKeyChange[]): Promise<void>;
}

/** What a signer says of its key. */
export interface PresentKey {
  readonly publicKey: Uint8Array;
  readonly changes: readonly SignedKeyChange[];
}

/**
 * The order key as this server has told agents of it. It goes on to another key only by changes that lead there, each signed by the
 * key before it, and so a signer that was exchanged for another is found out.
 */
export class OrderKeyBook {
  readonly #tools: BookTools;
  readonly #listeners: (() => void)[] = [];
  #book: Book | undefined;
  #learning: Promise<unknown> = Promise.resolve();

  private constructor(tools: BookTools, book: Book | undefined) {
    this.#tools = tools;
    this.#book = book;
  }

  /** @throws Fault `conflict` for a file that cannot be read. */
  static async open(tools: BookTools): Promise<OrderKeyBook> {
    const bytes = await tools.fs.read(tools.file);
    try {
      const book = bytes && bookSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
      return new OrderKeyBook(tools, book);
    } catch (cause) {
      throw new Fault('conflict', `${tools.file} cannot be read. Bring it back from a backup.`, { cause });
    }
  }

  /** Whether any key was ever learnt. */
  get isEmpty(): boolean {
    return this.#book === undefined;
  }

  get publicKey(): Uint8Array {
    return new Uint8Array(Buffer.from(this.#book?.publicKey ?? '', 'base64'));
  }

  get changedAt(): Milliseconds | undefined {
    return this.#book?.changes.at(-1)?.learntAt;
  }

  knows(publicKey: Uint8Array): boolean {
    return this.#book?.publicKey === toText(publicKey);
  }

  onChange(call: () => void): void {
    this.#listeners.push(call);
  }

  changesFrom(key: string): readonly SignedKeyChange[] | undefined {
    const changes = (this.#book?.changes ?? []).map(fromStored);
    return changesBetween(changes, new Uint8Array(Buffer.from(key, 'base64')), this.publicKey);
  }

  /**
   * The signer has this key. The first one of all is taken as it is; another takes its place by changes that lead to it.
   * @throws Fault `unavailable` where none do: nothing that it signs may leave, since agents would end every order.
   */
  learn(present: PresentKey): Promise<void> {
    const learning = this.#learning.then(() => this.#learn(present));
    this.#learning = learning.catch(() => undefined);
    return learning;
  }

  async #learn({ publicKey, changes }: PresentKey): Promise<void> {
    if (this.knows(publicKey)) {
      return;
    }
    if (this.#book === undefined) {
      await this.#write({ v: 1, publicKey: toText(publicKey), changes: [] });
      return;
    }
    const way = this.#wayTo(publicKey, changes);
    await this.#tools.record(way.map(({ words }) => words));
    const learntAt = this.#tools.clock.now();
    const added = way.map(({ signed }) => ({ ...toStored(signed), learntAt }));
    await this.#write({ v: 1, publicKey: toText(publicKey), changes: [...this.#book.changes, ...added] });
    this.#tools.log.warn('Orders are signed with another key from now on.', { publicKey: toText(publicKey) });
    for (const call of this.#listeners) {
      call();
    }
  }

  #wayTo(publicKey: Uint8Array, changes: readonly SignedKeyChange[]) {
    let trusted = this.publicKey;
    try {
      const way = changesBetween(changes, trusted, publicKey);
      if (way === undefined) {
        throw new Fault('unauthenticated', 'No signed change leads to it.');
      }
      return way.map((signed) => {
        const words = readKeyChange(signed, trusted);
        trusted = words.next;
        return { signed, words };
      });
    } catch (thrown) {
      const advice = 'Give the signer its own key back: agents would refuse every order.';
      const message = `The signer holds another order key than agents know. ${asFault(thrown).message} ${advice}`;
      throw new Fault('unavailable', message, { cause: thrown, details: { signer: 'other_key' } });
    }
  }

  async #write(book: Book): Promise<void> {
    await this.#tools.fs.replace(this.#tools.file, bytesOf(book));
    this.#book = book;
  }
}

/** As a server writes that has learnt its first key: what stays of one whose key moves to a signer. */
export function firstBook(publicKey: Uint8Array): Uint8Array {
  return bytesOf({ v: 1, publicKey: toText(publicKey), changes: [] });
}

function bytesOf(book: Book): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(book, null, 2)}\n`);
}

function toText(key: Uint8Array): string {
  return Buffer.from(key).toString('base64');
}
