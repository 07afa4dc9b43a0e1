import type { Proof } from './proof.ts';
import { apiFuzz } from './proofs/api-fuzz.ts';
import { damagedObjects, stockAge } from './proofs/damaged-objects.ts';
import { deadMount } from './proofs/dead-mount.ts';
import { disks } from './proofs/disks.ts';
import { errnoSweep } from './proofs/errno-sweep.ts';
import { fullDisks } from './proofs/full-disks.ts';
import { hardLinks } from './proofs/hard-links.ts';
import { killSweep } from './proofs/kill-sweep.ts';
import { largeFiles } from './proofs/large-files.ts';
import { manyIntents } from './proofs/many-intents.ts';
import { metadata } from './proofs/metadata.ts';
import { names } from './proofs/names.ts';
import { nestedKills } from './proofs/nested-kills.ts';
import { openWriters } from './proofs/open-writers.ts';
import { powerCuts } from './proofs/power-cuts.ts';
import { raceSoak } from './proofs/race-soak.ts';
import { raceSweep } from './proofs/race-sweep.ts';
import { runningPrograms } from './proofs/running-programs.ts';
import { serverKills } from './proofs/server-kills.ts';
import { shortWrites } from './proofs/short-writes.ts';
import { simulation } from './proofs/simulation.ts';
import { sourceUntouched } from './proofs/source-untouched.ts';
import { specialFiles } from './proofs/special-files.ts';
import { swapFaults } from './proofs/swap-faults.ts';
import { tokenRaces } from './proofs/token-races.ts';
import { windowsCalls } from './proofs/windows-calls.ts';

/** Everything that `npm run prove` proves. */
export const proofs: readonly Proof[] = [
  ...[raceSweep, killSweep, nestedKills, errnoSweep, swapFaults, powerCuts, metadata, names, specialFiles, hardLinks],
  ...[runningPrograms, largeFiles, sourceUntouched, damagedObjects, stockAge],
  ...[shortWrites, openWriters, disks, deadMount, raceSoak, manyIntents, windowsCalls, apiFuzz, tokenRaces, simulation],
  ...[fullDisks, serverKills],
];
