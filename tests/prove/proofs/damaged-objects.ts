import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Chance } from '../chance.ts';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { jobOf } from '../world/jobs.ts';
import { prepared } from '../world/prepared.ts';
import { splitObject } from '../world/vault.ts';
import { makeWorld, sha256Of, type World } from '../world/world.ts';

/** P21, P24: a flipped bit or a cut is found before any byte reaches the destination. */
export const damagedObjects: Proof = {
  name: 'damaged-objects',
  promises: ['P21', 'P24'],
  run: async (context) => {
    const tally = new Tally(context, 'P21, P24', 'restore of an object with a flipped bit or a cut end');
    const chance = new Chance(context.seed);
    const flips = Array.from(
      { length: context.sample ? 30 : 1_000 },
      () => [chance.below(2 ** 31), chance.below(8), chance.below(8)] as const,
    );
    await sideBySide(flips, async ([where, bit, kind]) => {
      tally.point(
        `${kind === 0 ? 'cut' : 'flip'} ${where} bit ${bit}`,
        await tryDamage(context, { where, bit, isCut: kind === 0 }),
      );
    });
    return [tally.row()];
  },
};

interface Damage {
  readonly where: number;
  readonly bit: number;
  readonly isCut: boolean;
}

async function tryDamage(context: ProofContext, damage: Damage): Promise<readonly string[]> {
  using world = await prepared(context, 'restore');
  const object = onlyObject(world);
  writeFileSync(object, damaged(readFileSync(object), damage));
  const { messages } = await runChild(context.child, jobOf(world, 'restore'));
  const told = JSON.stringify(messages);
  return [
    ...(told.includes('"vault_damaged"') ? [] : [`it said ${told}`]),
    ...(readdirSync(world.directory).length === 0 ? [] : [`the directory holds ${readdirSync(world.directory)}`]),
    ...(existsSync(object) ? [] : ['the object was removed']),
  ];
}

function damaged(bytes: Buffer, { where, bit, isCut }: Damage): Buffer {
  const at = where % bytes.length;
  if (isCut) {
    return bytes.subarray(0, at);
  }
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
  return bytes;
}

function onlyObject(world: World): string {
  const [name = 'none'] = readdirSync(world.vault).filter((each) => each.endsWith('.age'));
  return path.join(world.vault, name);
}

/** P25, P26: stock `age` opens an object with either key, and with no other. */
export const stockAge: Proof = {
  name: 'stock-age',
  promises: ['P25', 'P26'],
  run: async (context) => {
    const tally = new Tally(context, 'P25, P26', 'objects opened by stock age: device key, recovery key, no other');
    if (spawnSync('age', ['--version']).error !== undefined) {
      tally.skip(3, 'needs age');
      return [tally.row()];
    }
    const sizes = context.sample ? [0, 1, 70_000] : [0, 1, 65_531, 65_532, 65_536, 65_537, 200_000, 5_000_000];
    for (const size of sizes) {
      using world = await makeWorld(context.scratch, new Chance(context.seed + size).bytes(size));
      await runChild(context.child, jobOf(world, 'quarantine'));
      const { identity, recoveryIdentity } = world.keys;
      tally.point(`${size} bytes, device key`, opensTo(world, identity));
      tally.point(`${size} bytes, recovery key`, opensTo(world, recoveryIdentity));
      const stranger = /^AGE-SECRET-KEY-.*$/m.exec(spawnSync('age-keygen').stdout.toString())?.[0] ?? '';
      const { status } = decrypt(world, stranger);
      tally.point(`${size} bytes, another key`, status === 0 ? ['it was opened'] : []);
    }
    return [tally.row()];
  },
};

function decrypt(world: World, identity: string) {
  const key = path.join(world.base, 'key');
  writeFileSync(key, `${identity}\n`, { mode: 0o600 });
  return spawnSync('age', ['--decrypt', '--identity', key, onlyObject(world)], { maxBuffer: 2 ** 28 });
}

function opensTo(world: World, identity: string): readonly string[] {
  const { status, stdout, stderr } = decrypt(world, identity);
  if (status !== 0) {
    return [`age said ${stderr.toString()}`];
  }
  const { metadata, content } = splitObject(new Uint8Array(stdout));
  const isTrue = sha256Of(content) === world.sha256 && metadata['sha256'] === world.sha256;
  return isTrue ? [] : ['it holds other bytes'];
}
