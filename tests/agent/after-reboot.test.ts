import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import type { VaultRoom } from '#agent/operations/room.ts';
import type { Platform } from '#agent/platform/platform.ts';
import { allRecords } from '#agent/vault/record.ts';
import { quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'a file that outlives a reboot\n';
const sha256 = sha256Of(content);

/** After a reboot the same disk may have another device number. */
function rebooted({ room }: VaultWorld): VaultRoom {
  const facts: Platform['facts'] = (handle) => {
    const now = room.platform.facts(handle);
    return { ...now, device: now.device + 1n };
  };
  return { ...room, platform: { ...room.platform, facts } };
}

function states({ room }: VaultWorld): readonly string[] {
  return allRecords(room.vault).map(({ progress }) => progress.state);
}

/** The process dies at a move out of such a directory: nothing that is tried after that reaches file or vault. */
function dying({ room }: VaultWorld, when: 'before' | 'behind', from: string): VaultRoom {
  let isDead = false;
  const alive = () => {
    if (isDead) {
      throw new Error('The process is dead.');
    }
  };
  const move: Platform['move'] = (source, target) => {
    alive();
    isDead = Buffer.from(room.platform.pathOf(source.directory)).includes(from);
    if (!isDead || when === 'behind') {
      room.platform.move(source, target);
    }
    alive();
  };
  const pin: Platform['pin'] = (place) => {
    alive();
    return room.platform.pin(place);
  };
  return {
    ...{ ...room, platform: { ...room.platform, move, pin } },
    get vault() {
      alive();
      return room.vault;
    },
  };
}

async function untilDeath(work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toThrow('The process is dead.');
}

describe.each(['before', 'behind'] as const)(
  'where a run died %s the move and the disk has another number then,',
  (when) => {
    test.each([true, false])('a quarantine is brought to a true end (only settled: %p)', async (settle) => {
      using world = await vaultWorld();
      const file = path.join(world.files, 'a');
      writeFileSync(file, content);
      const job = quarantineOf(file, sha256);
      await untilDeath(quarantine(dying(world, when, 'files'), job));
      expect([existsSync(file), states(world)]).toEqual([when === 'before', ['taking']]);
      const { outcome } = await quarantine(rebooted(world), { ...job, settle });
      expect([outcome, readdirSync(world.files), states(world)]).toEqual(
        settle ? ['interrupted', ['a'], []] : ['done', [], ['held']],
      );
    });

    test.each(['fail', 'keep_both', 'swap'] as const)('a restore is too, with %s', async (ifOccupied) => {
      for (const settle of [true, false]) {
        using world = await vaultWorld();
        const file = path.join(world.files, 'a');
        writeFileSync(file, content);
        await quarantine(world.room, quarantineOf(file, sha256));
        const job = restoreOf(sha256, { ifOccupied });
        await untilDeath(restore(dying(world, when, '.custody-return-'), job));
        expect(states(world)).toEqual(['returning']);
        const endings = await restore(rebooted(world), { ...job, settle });
        const isBack = when === 'behind' || !settle;
        expect([endings.map(({ outcome }) => outcome), readdirSync(world.files), states(world)]).toEqual(
          isBack ? [['done'], ['a'], ['restored']] : [['interrupted'], [], ['held']],
        );
      }
    });
  },
);
