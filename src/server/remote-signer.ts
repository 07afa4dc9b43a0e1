import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type OrderSigner, SignerRefusal } from '#core/ports/order-signer.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { decode, encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import {
  mostOrdersAsked,
  type SignerAnswer,
  type SignerQuestion,
  type SignerResult,
  signerAnswerSchema,
  signerName,
  signerPath,
} from '#wire/signer.ts';
import type { OrderKeyBook } from './order-key-book.ts';
import { readMessage } from './read-message.ts';

/** Where a signer is that is another process. */
export type SignerPlace =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      /** PEM: the server's key and certificate, and the signer's authority, as `custody signer init` made them. */
      readonly identity: string;
    };

interface RemoteTools {
  readonly place: SignerPlace;
  readonly book: OrderKeyBook;
  readonly clock: Clock;
}

/** A signer that says nothing for so long is away. */
const patience: Milliseconds = 10 * second;
/** What a question has beside its orders, generously. */
const questionRoom = 64;
const roomPerOrder = 5;

/** Has another process sign, which holds the order key and a policy of its own. Whatever is signed with a key that no change leads to is thrown away. */
export function createRemoteSigner({ place, book, clock }: RemoteTools): OrderSigner {
  const ask = questionerOf(place, clock);
  const askKnown = async (question: SignerQuestion): Promise<SignerAnswer> => {
    const answer = await ask(question);
    if (!book.knows(answer.publicKey)) {
      const { publicKey, changes } = await ask({ ask: 'changes' });
      await book.learn({ publicKey, changes });
    }
    return answer;
  };
  return {
    get publicKey() {
      return book.publicKey;
    },
    get changedAt() {
      return book.changedAt;
    },
    async sign(orders) {
      const results: (Uint8Array | SignerRefusal)[] = [];
      let key: Uint8Array | undefined;
      for (const part of partsOf(orders)) {
        const answer = await askKnown({ ask: 'sign', orders: [...part] });
        if (key !== undefined && Buffer.compare(key, answer.publicKey) !== 0) {
          throw new Fault('unavailable', 'The order key was changed meanwhile; the orders are signed anew.');
        }
        key = answer.publicKey;
        results.push(...demandEach(part, answer).map(demandSigned));
      }
      return { key: key ?? book.publicKey, results };
    },
    async judge(orders) {
      const judged: (SignerRefusal | undefined)[] = [];
      for (const part of partsOf(orders)) {
        const answer = await askKnown({ ask: 'judge', orders: [...part] });
        judged.push(...demandEach(part, answer).map(refusalIn));
      }
      return judged;
    },
    async signStatement(kind, bytes) {
      const [result] = (await askKnown({ ask: 'statement', kind, bytes })).results;
      const signed = demandSigned(result ?? null);
      if (signed instanceof SignerRefusal) {
        throw signed;
      }
      return signed;
    },
    changesFrom: (key) => book.changesFrom(key),
    onChange: (call) => book.onChange(call),
  };
}

/** As many in each as fit into one frame; one empty part where there are none, so that the signer is asked all the same. */
function* partsOf(orders: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let part: Uint8Array[] = [];
  let size = questionRoom;
  for (const order of orders) {
    const added = order.length + roomPerOrder;
    if (part.length > 0 && (size + added > limits.frameBytes || part.length === mostOrdersAsked)) {
      yield part;
      part = [];
      size = questionRoom;
    }
    part.push(order);
    size += added;
  }
  yield part;
}

function demandEach(orders: readonly Uint8Array[], { results }: SignerAnswer): readonly SignerResult[] {
  if (results.length !== orders.length) {
    throw new Fault('unavailable', 'The signer answered something else than it was asked.');
  }
  return results;
}

function refusalIn(result: SignerResult): SignerRefusal | undefined {
  return result === null || result instanceof Uint8Array
    ? undefined
    : new SignerRefusal(result.rule, result.message, result.retryAfter);
}

function demandSigned(result: SignerResult): Uint8Array | SignerRefusal {
  const refusal = refusalIn(result);
  if (refusal !== undefined) {
    return refusal;
  }
  if (!(result instanceof Uint8Array)) {
    throw new Fault('unavailable', 'The signer answered something else than it was asked.');
  }
  return result;
}

type Questioner = (question: SignerQuestion) => Promise<SignerAnswer>;

function questionerOf(place: SignerPlace, clock: Clock): Questioner {
  const start = requesterOf(place);
  return async (question) => {
    const bytes = encode(question);
    const { status, body } = await exchange(start, bytes, clock);
    if (status !== 200) {
      throw new Fault('unavailable', `The signer cannot answer: ${new TextDecoder().decode(body).slice(0, 300)}`);
    }
    return decode(body, signerAnswerSchema);
  };
}

type Start = (length: number, answered: (message: IncomingMessage) => void) => ClientRequest;

function requesterOf(place: SignerPlace): Start {
  const headers = (length: number) => ({ 'content-type': 'application/msgpack', 'content-length': String(length) });
  const common = { method: 'POST', path: signerPath };
  if (place.kind === 'unix') {
    const agent = new PlainAgent({ keepAlive: true });
    const where = { ...common, socketPath: place.path, host: 'localhost', agent };
    return (length, answered) => plainRequest({ ...where, headers: headers(length) }, answered);
  }
  const { host, port } = place;
  const agent = new SecureAgent({ keepAlive: true, ...identityOf(place.identity), servername: signerName });
  return (length, answered) => secureRequest({ ...common, host, port, agent, headers: headers(length) }, answered);
}

/** @throws Fault `invalid_request` for a file that is not as `custody signer init` makes it. */
function identityOf(pem: string): { readonly key: string; readonly cert: string; readonly ca: string } {
  const blocks = pem.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g) ?? [];
  const [key, cert, ca] = blocks;
  if (key === undefined || cert === undefined || ca === undefined || !key.includes('PRIVATE KEY')) {
    const advice = 'Bring the file server-identity.pem that `custody signer init` made.';
    throw new Fault('invalid_request', `CUSTODY_SIGNER_IDENTITY names no identity for a signer. ${advice}`);
  }
  return { key, cert, ca };
}

interface Exchanged {
  readonly status: number;
  readonly body: Uint8Array;
}

/** @throws Fault `unavailable` where nobody answers. */
async function exchange(start: Start, bytes: Uint8Array, clock: Clock): Promise<Exchanged> {
  const { promise, resolve, reject } = Promise.withResolvers<Exchanged>();
  const outgoing = start(bytes.length, (message) => {
    readAnswer(message).then(resolve, reject);
  });
  const withdraw = clock.schedule(patience, () => outgoing.destroy(new Error('The signer does not answer in time.')));
  outgoing.once('error', reject);
  outgoing.end(bytes);
  try {
    return await promise;
  } catch (cause) {
    throw new Fault('unavailable', 'The signer of orders is away.', { cause });
  } finally {
    withdraw();
  }
}

async function readAnswer(message: IncomingMessage): Promise<Exchanged> {
  const tooLong = () => new Fault('too_large', 'The signer’s answer is too long.');
  const body = new Uint8Array(await readMessage(message, { most: limits.frameBytes, tooLong }));
  return { status: message.statusCode ?? 0, body };
}
