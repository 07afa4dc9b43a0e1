import { expect, test } from 'bun:test';
import { type EndpointId, endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import {
  type KnownMachine,
  type MachineMark,
  machineAfter,
  machineEnrolled,
  noClaim,
  signOfCopy,
} from '#core/endpoint/machine.ts';
import { type Chance, seeded } from '#kit/chance.ts';

const id: EndpointId = endpointIdSchema.parse('0'.repeat(32));
const mark = (digit: string): MachineMark => ({ system: digit.repeat(64), hardware: null });

/** What one server remembers. */
class Server {
  known: KnownMachine | undefined;

  /** @returns the number of the welcome; undefined: it was refused as a copy. */
  greet(generation: number, machine = noClaim.machine): number | undefined {
    const claim = { machine, generation };
    if (signOfCopy(this.known, claim) !== undefined) {
      return undefined;
    }
    const { welcome, ...known } = machineAfter(id, this.known, claim);
    this.known = known;
    return welcome ?? undefined;
  }

  kept(generation: number): void {
    if (this.known?.generation === generation) {
      this.known = { ...this.known, kept: generation };
    }
  }
}

/** What is on the disk of one agent. */
class Disk {
  generation = 0;

  /** Connects; the line may be cut before the welcome arrives, or before the server hears that it was kept. */
  connect(server: Server, cut: 'never' | 'before the welcome' | 'before it is told'): boolean {
    const welcome = server.greet(this.generation);
    if (welcome === undefined) {
      return false;
    }
    if (cut !== 'before the welcome') {
      this.generation = welcome;
    }
    if (cut === 'never') {
      server.kept(welcome);
    }
    return true;
  }

  copy(): Disk {
    return Object.assign(new Disk(), this);
  }
}

const cuts = ['never', 'never', 'before the welcome', 'before it is told'] as const;

function live(chance: Chance, disk: Disk, server: Server): void {
  for (let count = chance.whole(6); count > 0; count -= 1) {
    expect(disk.connect(server, chance.one(cuts))).toBe(true);
  }
}

test('An agent is never taken for a copy of itself: 10,000 lives with cuts anywhere, and servers brought back from backups.', () => {
  for (let seed = 0; seed < 10_000; seed += 1) {
    const chance = seeded(seed);
    const [server, disk] = [new Server(), new Disk()];
    live(chance, disk, server);
    const backup = server.known;
    live(chance, disk, server);
    if (chance.whole(1) === 1) {
      server.known = backup;
    }
    live(chance, disk, server);
  }
});

test('Two that go on from one disk are told apart, at the latest when the other one comes again: 10,000 lives.', () => {
  for (let seed = 0; seed < 10_000; seed += 1) {
    const chance = seeded(seed);
    const [server, original] = [new Server(), new Disk()];
    live(chance, original, server);
    original.connect(server, 'never');
    const copy = original.copy();
    const [first, second] = chance.whole(1) === 1 ? [original, copy] : [copy, original];
    expect(first.connect(server, 'never')).toBe(true);
    expect(second.connect(server, 'never')).toBe(false);
    // However often it tries, and however long the other is away.
    expect([1, 2, 3].map(() => second.connect(server, 'never'))).toEqual([false, false, false]);
    expect(first.connect(server, 'never')).toBe(true);
  }
});

test('A machine that was set back is known by its number, from the second connection after its snapshot on.', () => {
  for (let later = 1; later < 50; later += 1) {
    const [server, disk] = [new Server(), new Disk()];
    disk.connect(server, 'never');
    const snapshot = disk.copy();
    for (let count = 0; count < later; count += 1) {
      disk.connect(server, 'never');
    }
    expect(snapshot.connect(server, 'never')).toBe(false);
  }
});

test('Another machine is known by either mark, and what one of the two does not say tells nothing.', () => {
  const server = new Server();
  server.greet(0, { system: null, hardware: 'a'.repeat(64) });
  server.greet(1, { system: 'b'.repeat(64), hardware: null });
  expect(server.known?.machine).toEqual({ system: 'b'.repeat(64), hardware: 'a'.repeat(64) });
  const signOf = (machine: MachineMark) => signOfCopy(server.known, { machine, generation: null });
  expect(signOf({ system: 'b'.repeat(64), hardware: 'c'.repeat(64) })).toBe('other_machine');
  expect(signOf(mark('d'))).toBe('other_machine');
  expect(signOf(mark('b'))).toBeUndefined();
  expect(signOf(noClaim.machine)).toBeUndefined();
});

test('An agent that was enrolled again begins at 0, and a copy of what it was before is then older.', () => {
  const [server, disk] = [new Server(), new Disk()];
  disk.connect(server, 'never');
  disk.connect(server, 'never');
  const copy = disk.copy();
  server.known = machineEnrolled(id, server.known, noClaim.machine);
  disk.generation = 0;
  expect([copy.connect(server, 'never'), disk.connect(server, 'never')]).toEqual([false, true]);
  expect([copy.connect(server, 'never'), disk.connect(server, 'never')]).toEqual([false, true]);
  const first = machineEnrolled(id, undefined, mark('a'));
  expect(first).toEqual({ endpointId: id, machine: mark('a'), generation: null, kept: null });
});

test('An older agent, which says nothing, is let in, and changes nothing of what a newer one was told.', () => {
  const server = new Server();
  const welcome = server.greet(0, mark('a')) ?? expect.unreachable();
  server.kept(welcome);
  const before = server.known;
  const { welcome: none, ...after } = machineAfter(id, server.known, noClaim);
  expect(none).toBeNull();
  expect(after).toEqual(before ?? expect.unreachable());
  expect(server.greet(welcome, mark('a'))).toBe(welcome + 1);
});
