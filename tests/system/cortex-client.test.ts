import { afterAll, beforeAll, describe, test } from 'bun:test';
import { python } from '#kit/python-client.ts';
import { type ClientWorld, openClientWorld } from './cortex-client/client-world.ts';
import { endpointCareCases, endpointCases } from './cortex-client/endpoints.ts';
import { fileCases } from './cortex-client/files.ts';
import { incidentCases } from './cortex-client/incidents.ts';
import { keyCases } from './cortex-client/keys.ts';
import { tenantCases } from './cortex-client/tenant.ts';

const reason = 'CUSTODY_TEST_PYTHON names no Python; tools/python-client.sh makes one';
const absent = python === undefined;

if (absent && process.env['CUSTODY_TEST_NO_SKIP'] === '1') {
  test('The PyPI client of the Cortex XDR API is run.', () => {
    throw new Error(`${reason}, and CUSTODY_TEST_NO_SKIP forbids to skip.`);
  });
}

/** The cases of each theme, all in one world. */
const themes: Readonly<Record<string, (world: () => ClientWorld) => void>> = {
  'about keys': keyCases,
  'about files': fileCases,
  'about endpoints': endpointCases,
  'about what people say of endpoints': endpointCareCases,
  'about the tenant': tenantCases,
  'about incidents': incidentCases,
};

describe.skipIf(absent)(absent ? `cortex-xdr-client (skipped: ${reason})` : 'cortex-xdr-client', () => {
  let world: ClientWorld;
  beforeAll(async () => {
    world = await openClientWorld();
  });

  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  for (const [theme, cases] of Object.entries(themes)) {
    describe(theme, () => cases(() => world));
  }
});
