import type { KeyObject } from 'node:crypto';
import { Encoder } from '@msgpack/msgpack';
import fc from 'fast-check';
import type { SignedBytes } from '#core/action/action.ts';
import { newActionId, newTaskId } from '#core/action/action-id.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import { day, hour } from '#core/time.ts';
import { systemRandom } from '#server/system-random.ts';
import { encode } from '#wire/codec.ts';
import type { Order } from '#wire/order.ts';
import { newKeyPair, readPrivateKey, type SignatureContext, signBytes } from '#wire/signature.ts';
import { toFetch, toPurge, toQuarantine, toRestore } from './parameters.ts';
import { sha256Of } from './vault-world.ts';

/** What a forger has: orders that the server has signed, for this endpoint and for another, and keys of its own. */
export interface Stolen {
  readonly own: EndpointId;
  readonly other: EndpointId;
  /** The server's: with it are made the orders that are there to be altered, and what only a server could send by mistake. */
  readonly orderKey: KeyObject;
  readonly now: number;
}

export interface Forgery {
  readonly kind: string;
  readonly signed: SignedBytes;
}

const forger = readPrivateKey(newKeyPair().privatePem).key;
const wrongContexts: readonly SignatureContext[] = [
  'custody-report-v1',
  'custody-hello-v1',
  'custody-enrol-v1',
  'custody-upload-v1',
  'custody-trust-v1',
  'custody-ledger-v1',
  'custody-order-key-v1',
];
const looseEncoder = new Encoder({ forceIntegerToFloat: true, ignoreUndefined: true });

function truly(stolen: Stolen, seed: number, changes: Partial<Order> = {}): { readonly order: Order } & SignedBytes {
  const order: Order = {
    v: 1,
    endpointId: stolen.own,
    actionId: newActionId(stolen.now, systemRandom),
    taskId: newTaskId(systemRandom),
    parameters: parametersOf(seed),
    issuedAt: stolen.now,
    notBefore: stolen.now,
    deadline: stolen.now + hour,
    ...changes,
  };
  return { order, ...signAs(encode(order), stolen.orderKey) };
}

function parametersOf(seed: number): TaskParameters {
  const hash = sha256Of(`file ${seed}`);
  const path = parsePath(`/srv/files/${seed}`);
  const all = [toQuarantine(path, hash), toRestore(hash), toPurge(hash), toFetch(path), { verb: 'scan' } as const];
  return all[seed % all.length] ?? { verb: 'scan' };
}

function signAs(bytes: Uint8Array, key: KeyObject, context: SignatureContext = 'custody-order-v1'): SignedBytes {
  return { bytes, signature: signBytes(context, bytes, key) };
}

/** A true order with one thing changed in its words, under the signature that it had. */
function altered(stolen: Stolen): fc.Arbitrary<SignedBytes> {
  const change = fc.oneof(
    fc.constant({ endpointId: stolen.other }),
    fc.constant(0).map(() => ({ taskId: newTaskId(systemRandom) })),
    fc.constant(0).map(() => ({ actionId: newActionId(stolen.now + 1, systemRandom) })),
    fc.nat(1_000_000).map((seed) => ({ parameters: toPurge(sha256Of(`another ${seed}`)) })),
    fc.nat(1_000_000).map((seed) => ({ parameters: toQuarantine(parsePath(`/etc/${seed}`), sha256Of('passwd')) })),
    fc.integer({ min: 1, max: 30 * day }).map((more) => ({ deadline: stolen.now + hour + more })),
    fc.integer({ min: 1, max: day }).map((less) => ({ notBefore: stolen.now - less })),
    fc.integer({ min: 1, max: day }).map((less) => ({ issuedAt: stolen.now - less })),
    fc.jsonValue({ maxDepth: 1 }).map((extra) => ({ extra })),
    fc.constant({ v: 2 }),
  );
  return fc.tuple(fc.nat(), change).map(([seed, fields]) => {
    const { order, signature } = truly(stolen, seed);
    return { bytes: encode({ ...order, ...fields }), signature };
  });
}

/** Another spelling of the same words, under the signature that they had. */
function respelt(stolen: Stolen): fc.Arbitrary<SignedBytes> {
  const spellings: readonly ((order: Order, bytes: Uint8Array) => Uint8Array)[] = [
    (_, bytes) => Buffer.concat([bytes, Buffer.from([0xc0])]),
    (order) => encode(Object.fromEntries(Object.entries(order).toReversed())),
    (order) => looseEncoder.encode(order),
    // The same key twice: a map of one more entry, with the first one again at its end.
    (_, bytes) => Buffer.concat([Buffer.from([(bytes[0] ?? 0) + 1]), bytes.subarray(1), encode('v'), encode(1)]),
    // A longer form of the map's head.
    (_, bytes) => Buffer.concat([Buffer.from([0xde, 0, (bytes[0] ?? 0) & 0x0f]), bytes.subarray(1)]),
  ];
  return fc.tuple(fc.nat(), fc.constantFrom(...spellings)).map(([seed, spell]) => {
    const { order, bytes, signature } = truly(stolen, seed);
    return { bytes: new Uint8Array(spell(order, bytes)), signature };
  });
}

/** Bits, cuts and additions anywhere in the bytes or in the signature. */
function damaged(stolen: Stolen): fc.Arbitrary<SignedBytes> {
  const damage = fc.record({
    inBytes: fc.boolean(),
    at: fc.nat(100_000),
    bits: fc.integer({ min: 1, max: 255 }),
    how: fc.constantFrom('flip', 'cut', 'add', 'drop'),
  });
  return fc.tuple(fc.nat(), damage).map(([seed, { inBytes, at, bits, how }]) => {
    const { bytes, signature } = truly(stolen, seed);
    const source = inBytes ? bytes : signature;
    const place = at % source.length;
    const [before, after] = [source.slice(0, place), source.slice(place)];
    const changed = {
      flip: () => source.map((byte, index) => (index === place ? byte ^ bits : byte)),
      cut: () => before,
      add: () => new Uint8Array([...before, bits, ...after]),
      drop: () => new Uint8Array([...before, ...after.slice(1)]),
    }[how]();
    return inBytes ? { bytes: changed, signature } : { bytes, signature: changed };
  });
}

/**
 * Whatever somebody between server and agent can make of what passes, and the mistakes that a server could make; by kind, each with
 * nothing in common with any other so that none hides behind what an agent remembers.
 */
export function forgeries(stolen: Stolen): fc.Arbitrary<Forgery> {
  const seeded = (make: (seed: number) => SignedBytes) => fc.nat().map(make);
  const kinds: Readonly<Record<string, fc.Arbitrary<SignedBytes>>> = {
    altered: altered(stolen),
    respelt: respelt(stolen),
    damaged: damaged(stolen),
    'another key': seeded((seed) => {
      const { bytes } = truly(stolen, seed);
      return { bytes, signature: signBytes('custody-order-v1', bytes, forger) };
    }),
    'of another order': seeded((seed) => ({
      bytes: truly(stolen, seed).bytes,
      signature: truly(stolen, seed + 1).signature,
    })),
    'for another endpoint': seeded((seed) => truly(stolen, seed, { endpointId: stolen.other })),
    'signed as something else': fc
      .tuple(fc.nat(), fc.constantFrom(...wrongContexts))
      .map(([seed, context]) => signAs(truly(stolen, seed).bytes, stolen.orderKey, context)),
    'of another form': fc
      .tuple(fc.nat(), fc.constantFrom({ v: 2 }, { parameters: { verb: 'run', command: 'id' } }, { deadline: -1 }))
      .map(([seed, fields]) => signAs(encode({ ...truly(stolen, seed).order, ...fields }), stolen.orderKey)),
    'no order at all': fc.uint8Array({ maxLength: 200 }).map((bytes) => signAs(bytes, stolen.orderKey)),
    unsigned: seeded((seed) => ({ bytes: truly(stolen, seed).bytes, signature: new Uint8Array(64) })),
  };
  return fc.oneof(...Object.entries(kinds).map(([kind, made]) => made.map((signed) => ({ kind, signed }))));
}

/** Truly signed orders for this endpoint whose time is not now. */
export function untimely(stolen: Stolen, kind: 'expired' | 'early', seed: number) {
  const changes =
    kind === 'expired'
      ? { notBefore: stolen.now - 2 * day, deadline: stolen.now - 1 - seed }
      : { notBefore: stolen.now + hour + seed, deadline: stolen.now + day };
  return truly(stolen, seed, changes);
}
