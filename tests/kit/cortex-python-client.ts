import { join } from 'node:path';
import { z } from 'zod';
import { ConnectProxy } from './connect-proxy.ts';
import { checkout, runProgram } from './program.ts';
import { python } from './python-client.ts';
import type { RealServer } from './real-server.ts';

const tenant = 'custody.example';

/** The host name that the client makes of its tenant; a server under test needs it in its certificate. */
export const cortexHost = `api-${tenant}`;

export interface CortexPythonKey {
  readonly id: number;
  readonly secret: string;
  readonly advanced: boolean;
  /** Of the product that the client believes to speak to. Default: 3. */
  readonly version?: 3 | 5;
}

export interface CortexPythonCall {
  /** A room of the client, `endpoints_api` for one. */
  readonly api: string;
  readonly name: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

const stepSchema = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({
    error: z.string(),
    message: z.string(),
    /** Of the answer that raised it; null where there was none. */
    status: z.number().nullable(),
    text: z.string().nullable(),
  }),
]);

export type CortexPythonStep = z.infer<typeof stepSchema>;

/** Makes calls with the unmodified PyPI package `cortex-xdr-client`, led to the server by a proxy, as its users may set one. */
export async function runCortexClient(
  server: RealServer,
  key: CortexPythonKey,
  calls: readonly CortexPythonCall[],
): Promise<readonly CortexPythonStep[]> {
  if (python === undefined) {
    throw new Error('CUSTODY_TEST_PYTHON names no Python; tools/python-client.sh makes one.');
  }
  await using proxy = await ConnectProxy.start({ leadsTo: server.port });
  const { id, secret, advanced, version = 3 } = key;
  const input = JSON.stringify({ fqdn: tenant, id, key: secret, advanced, version, calls });
  const environment = { REQUESTS_CA_BUNDLE: server.caFile, HTTPS_PROXY: proxy.url };
  const script = join(checkout, 'tests', 'kit', 'cortex-client.py');
  const { code, out, err } = await runProgram([python, script], { input, environment });
  if (code !== 0) {
    throw new Error(`The Python client could not be driven: ${err}`);
  }
  return z.array(stepSchema).parse(JSON.parse(out));
}
