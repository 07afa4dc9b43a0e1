import { afterAll, beforeAll, describe, test } from 'bun:test';
import { python } from '#kit/python-client.ts';
import { fileCases } from './python-client/files.ts';
import { logInCases } from './python-client/log-in.ts';
import { malopCases } from './python-client/malops.ts';
import { memberCases } from './python-client/members.ts';
import { openPythonWorld, type PythonWorld } from './python-client/python-world.ts';
import { refusalCases } from './python-client/refusals.ts';
import { reputationCases } from './python-client/reputations.ts';
import { roleCases } from './python-client/roles.ts';
import { sensorActionCases, sensorCases } from './python-client/sensors.ts';
import { serverCases } from './python-client/server.ts';

const reason = 'CUSTODY_TEST_PYTHON names no Python; tools/python-client.sh makes one';
const absent = python === undefined;

if (absent && process.env['CUSTODY_TEST_NO_SKIP'] === '1') {
  test('The PyPI client of the Cybereason API is run.', () => {
    throw new Error(`${reason}, and CUSTODY_TEST_NO_SKIP forbids to skip.`);
  });
}

/** The cases of each theme, all in one world. */
const themes: Readonly<Record<string, (world: () => PythonWorld) => void>> = {
  'at its log-in': logInCases,
  'about the server': serverCases,
  'about roles': roleCases,
  'about sensors': sensorCases,
  'about actions on sensors': sensorActionCases,
  'about files': fileCases,
  'about MalOps': malopCases,
  'about reputations': reputationCases,
  'about what Custody does not have': refusalCases,
  'as a list of members': memberCases,
};

describe.skipIf(absent)(absent ? `The PyPI client (skipped: ${reason})` : 'The PyPI client', () => {
  let world: PythonWorld;
  beforeAll(async () => {
    world = await openPythonWorld();
  });

  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  for (const [theme, cases] of Object.entries(themes)) {
    describe(theme, () => cases(() => world));
  }
});
