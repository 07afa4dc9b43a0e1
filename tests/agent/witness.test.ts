import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { Witness } from '#agent/witness/witness.ts';
import { emptyFrontier, type Frontier, type GrownNode, grow, rootOf } from '#core/ledger/frontier.ts';
import { proveConsistency } from '#core/ledger/proof.ts';
import { hashLeaf } from '#core/ledger/tree-hash.ts';
import type { Fs } from '#core/ports/fs.ts';
import { minute } from '#core/time.ts';
import { writeCheckpoint } from '#wire/checkpoint.ts';
import { encode } from '#wire/codec.ts';
import type { AgentMessage, ServerMessage } from '#wire/messages.ts';
import { newKeyPair, readPrivateKey, readPublicKey, type SignatureContext, signBytes } from '#wire/signature.ts';
import { signNote, writeNoteKey } from '#wire/signed-note.ts';
import { VirtualClock } from './virtual-clock.ts';

type Answer = Extract<ServerMessage, { type: 'checkpoint' }>;

/** A ledger that its owner may rewrite. */
class Ledger {
  readonly leaves: string[] = [];
  readonly #key = newKeyPair();
  readonly #orderPem: string;
  readonly #origin: string;

  constructor(orderPem: string, origin = 'custody/one') {
    this.#orderPem = orderPem;
    this.#origin = origin;
  }

  add(...leaves: readonly string[]): this {
    this.leaves.push(...leaves);
    return this;
  }

  #grown(): { readonly frontier: Frontier; readonly nodes: readonly GrownNode[] } {
    return grow(emptyFrontier, this.leaves.map(leafOf));
  }

  async answer(from: number, context: SignatureContext = 'custody-ledger-v1'): Promise<Answer> {
    const { frontier, nodes } = this.#grown();
    const proof = await proveConsistency(Math.min(from, frontier.size), frontier.size, async (asked) =>
      asked.map(({ level, index }) =>
        level === 0
          ? leafOf(this.leaves[index] ?? '')
          : (nodes.find((node) => node.level === level && node.index === index)?.hash ?? expect.unreachable()),
      ),
    );
    const noteKey = { name: this.#origin, publicKey: this.#key.publicKey };
    const text = writeCheckpoint({ origin: this.#origin, size: frontier.size, root: rootOf(frontier) });
    const ledger = encode({ v: 1, origin: this.#origin, verifierKey: writeNoteKey(noteKey) });
    return {
      type: 'checkpoint',
      ledger,
      signature: signBytes(context, ledger, readPrivateKey(this.#orderPem).key),
      note: signNote(text, noteKey, readPrivateKey(this.#key.privatePem).key),
      proof: [...proof],
    };
  }
}

const leafOf = (text: string) => hashLeaf(new TextEncoder().encode(text));
const quiet = () => undefined;

async function openWitness() {
  const order = newKeyPair();
  const directory = await mkdtemp(join(tmpdir(), 'custody-witness-'));
  const clock = new VirtualClock();
  const said: Exclude<AgentMessage, { type: 'hello' }>[] = [];
  let notices: readonly string[] = [];
  const disk = { isFull: false };
  const full = () => Promise.reject(new Error('ENOSPC: no space left on device'));
  const fs: Fs = {
    ...durableFiles,
    replace: (file, bytes) => (disk.isFull ? full() : durableFiles.replace(file, bytes)),
  };
  const start = () =>
    new Witness({
      ...{ fs, clock, file: join(directory, 'witness.json') },
      orderKeys: { current: readPublicKey(order.publicKey) },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      say: (message) => said.push(message) > 0,
      noticed: (words) => {
        notices = words;
      },
    });
  return {
    ...{ start, clock, said, disk, orderPem: order.privatePem },
    notices: () => notices,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

test('what was seen is remembered, over restarts too, and every minute the newest is asked for', async () => {
  await using world = await openWitness();
  const ledger = new Ledger(world.orderPem).add('a', 'b', 'c');
  const first = world.start();
  await first.connected();
  await first.take(await ledger.answer(0));
  await world.clock.pass(minute);
  await first.take(await ledger.add('d', 'e').answer(3));
  first.lost();
  await world.clock.pass(10 * minute);
  const second = world.start();
  await second.connected();
  expect(world.said).toEqual([
    { type: 'witness', origin: '', size: 0 },
    { type: 'witness', origin: 'custody/one', size: 3 },
    { type: 'witness', origin: 'custody/one', size: 5 },
  ]);
  expect(world.notices()).toEqual([]);
});

test('a connection that is lost while the disk is read leaves nothing that asks again and again', async () => {
  await using world = await openWitness();
  const witness = world.start();
  const connected = witness.connected();
  witness.lost();
  await connected;
  expect([world.said, world.clock.waiting]).toEqual([[], 0]);
  await witness.connected();
  expect([world.said.length, world.clock.waiting]).toEqual([1, 1]);
});

const forgeries: Readonly<Record<string, (ledger: Ledger) => void>> = {
  'an event that was changed': (ledger) => ledger.leaves.splice(1, 1, 'another'),
  'an event that was taken out': (ledger) => ledger.leaves.splice(1, 1),
  'events that were swapped': (ledger) => ledger.leaves.splice(0, 2, 'b', 'a'),
  'a record that is shorter': (ledger) => ledger.leaves.splice(2),
  'a record that is empty': (ledger) => ledger.leaves.splice(0),
};

test.each(Object.entries(forgeries))('%s is disputed, and what was seen is kept', async (_, forge) => {
  await using world = await openWitness();
  const ledger = new Ledger(world.orderPem).add('a', 'b', 'c');
  const witness = world.start();
  const seen = await ledger.answer(0);
  await witness.take(seen);
  forge(ledger);
  ledger.add('x', 'y');
  if (ledger.leaves.length > 2 + 2) {
    ledger.leaves.pop();
  }
  const offered = await ledger.answer(3);
  await witness.take(offered);
  expect(world.said).toEqual([
    { type: 'ledger_disputed', why: expect.stringMatching(/events/), held: seen.note, offered: offered.note },
  ]);
  expect(world.notices()).toEqual([expect.stringContaining('is not the one that this agent has seen')]);
  await world.start().connected();
  expect(world.said.at(-1)).toEqual({ type: 'witness', origin: 'custody/one', size: 3 });
});

test('a proof of something else, another key and what the order key did not sign are disputed', async () => {
  await using world = await openWitness();
  const ledger = new Ledger(world.orderPem).add('a', 'b', 'c');
  const witness = world.start();
  await witness.take(await ledger.answer(0));
  ledger.add('d');
  const good = await ledger.answer(3);
  // The signature is one that was checked before, of other bytes.
  const { ledger: statement } = await new Ledger(world.orderPem, 'custody/two').add('a').answer(0);
  await witness.take({ ...good, ledger: statement });
  await witness.take({ ...good, proof: good.proof.slice(1) });
  await witness.take({ ...good, note: good.note.replace('\n4\n', '\n5\n') });
  await witness.take(await ledger.answer(3, 'custody-trust-v1'));
  await witness.take(await new Ledger(newKeyPair().privatePem).add('a', 'b', 'c', 'd').answer(3));
  await witness.take(await new Ledger(world.orderPem).add('a', 'b', 'c', 'd').answer(3));
  expect(world.said.map((message) => message.type)).toEqual(Array.from({ length: 6 }, () => 'ledger_disputed'));
  await witness.take(good);
  expect(world.said).toHaveLength(6);
});

test('what a full disk does not take is disputed by nobody, and taken the next time', async () => {
  await using world = await openWitness();
  const ledger = new Ledger(world.orderPem).add('a', 'b', 'c');
  const witness = world.start();
  await witness.take(await ledger.answer(0));
  world.disk.isFull = true;
  await witness.take(await ledger.add('d').answer(3));
  world.disk.isFull = false;
  expect([world.said, world.notices()]).toEqual([[], []]);
  await witness.take(await ledger.add('e').answer(3));
  await world.start().connected();
  expect(world.said).toEqual([{ type: 'witness', origin: 'custody/one', size: 5 }]);
});

test('a new record in place of the former is told of, and the former is kept', async () => {
  await using world = await openWitness();
  const witness = world.start();
  await witness.take(await new Ledger(world.orderPem).add('a', 'b', 'c').answer(0));
  await witness.take(await new Ledger(world.orderPem, 'custody/two').add('z').answer(0));
  expect(world.said).toEqual([]);
  expect(world.notices()).toEqual([expect.stringContaining('(custody/two) in place of custody/one')]);
  const later = world.start();
  await later.connected();
  expect(world.said).toEqual([{ type: 'witness', origin: 'custody/two', size: 1 }]);
  expect(world.notices()).toHaveLength(1);
});
