import { within } from './until.ts';

/** One block of a stream of events, by the names of its fields; a comment has the empty name. */
export type Block = Readonly<Record<string, string>>;

const patience = 20_000;

/** Reads a stream of server-sent events as a client that knows nothing of the server's code. */
export class EventStream implements AsyncDisposable {
  readonly #reader: ReturnType<typeof readerOf>;
  readonly #decoder = new TextDecoder();
  readonly #ready: Block[] = [];
  #rest = '';

  constructor(answer: Response) {
    this.#reader = readerOf(answer);
  }

  /** The next block; undefined once the server has ended the stream. */
  async next(): Promise<Block | undefined> {
    while (this.#ready.length === 0) {
      const { done, value } = await within(patience, 'the stream goes on, or ends', this.#reader.read());
      if (done) {
        return undefined;
      }
      this.#take(value);
    }
    return this.#ready.shift();
  }

  /** The next block with data. @throws Error where the stream ends before */
  async data(): Promise<Block & { readonly data: string }> {
    for (;;) {
      const block = await this.next();
      if (block === undefined) {
        throw new Error('The stream has ended.');
      }
      const { data } = block;
      if (data !== undefined) {
        return { ...block, data };
      }
    }
  }

  /** All that is left, once it has ended. */
  async rest(): Promise<readonly Block[]> {
    const blocks: Block[] = [];
    for (let block = await this.next(); block !== undefined; block = await this.next()) {
      blocks.push(block);
    }
    return blocks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  #take(bytes: Uint8Array): void {
    const blocks = `${this.#rest}${this.#decoder.decode(bytes, { stream: true })}`.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    this.#ready.push(...blocks.map(blockOf));
  }
}

function readerOf({ body }: Response) {
  if (body === null) {
    throw new Error('The answer has no body.');
  }
  return body.getReader();
}

function blockOf(text: string): Block {
  return Object.fromEntries(
    text.split('\n').map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trimStart()];
    }),
  );
}

/** How long nothing comes before what came is taken for the first part. */
const quiet = 200;

/** The bytes of an answer; of one that never ends by itself those that come at once. */
export async function bytesOf(answer: Response): Promise<Uint8Array> {
  if (answer.headers.get('content-type') !== 'text/event-stream') {
    return answer.bytes();
  }
  const reader = readerOf(answer);
  const chunks: Uint8Array[] = [];
  for (;;) {
    const read = await Promise.race([reader.read(), Bun.sleep(quiet).then(() => undefined)]);
    if (read?.value === undefined) {
      await reader.cancel();
      return Buffer.concat(chunks);
    }
    chunks.push(read.value);
  }
}
