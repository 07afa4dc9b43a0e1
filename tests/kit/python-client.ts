import { join } from 'node:path';
import { z } from 'zod';
import { ConnectProxy } from './connect-proxy.ts';
import { checkout, runProgram } from './program.ts';
import type { RealServer } from './real-server.ts';

/** The Python of a virtual environment that has the PyPI packages `cybereason` and `cortex-xdr-client`; `tools/python-client.sh` makes one. */
export const python = process.env['CUSTODY_TEST_PYTHON'];

const noPython = 'CUSTODY_TEST_PYTHON names no Python; tools/python-client.sh makes one.';

const tenant = 'custody';

/** The host name that the client insists on; a server under test needs it in its certificate. */
export const clientHost = `${tenant}.cybereason.net`;

export interface PythonLogIn {
  readonly username: string;
  readonly password: string;
  readonly totp_code?: string;
  readonly new_password?: string;
}

export interface PythonCall {
  /** A method or a property of the client. */
  readonly name: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

const replySchema = z.union([
  z.strictObject({
    steps: z.array(
      z.union([z.strictObject({ result: z.unknown() }), z.strictObject({ error: z.string(), message: z.string() })]),
    ),
  }),
  z.strictObject({ failure: z.string(), message: z.string() }),
]);

export type PythonReply = z.infer<typeof replySchema>;

/**
 * One session of the unmodified client: logs in, makes the calls, logs out. The client knows no other address than its
 * vendor's, so it is led to the server by a proxy, as its users may set one.
 */
export async function runPythonClient(
  server: RealServer,
  logIn: PythonLogIn,
  calls: readonly PythonCall[],
): Promise<PythonReply> {
  if (python === undefined) {
    throw new Error(noPython);
  }
  await using proxy = await ConnectProxy.start({ leadsTo: server.port });
  const input = JSON.stringify({ client: { tenant, proxy: proxy.url, ...logIn }, calls });
  const environment = { SSL_CERT_FILE: server.caFile };
  const script = join(checkout, 'tests', 'kit', 'python-client.py');
  const { code, out, err } = await runProgram([python, '-I', script], { input, environment });
  if (code !== 0) {
    throw new Error(`The Python client could not be driven: ${err}`);
  }
  return replySchema.parse(JSON.parse(out));
}

/** Every public member of the client's class in the installed version, sorted. */
export async function pythonMembers(): Promise<readonly string[]> {
  if (python === undefined) {
    throw new Error(noPython);
  }
  const script = join(checkout, 'tests', 'kit', 'python-client-members.py');
  const { code, out, err } = await runProgram([python, '-I', script]);
  if (code !== 0) {
    throw new Error(`The members of the Python client could not be listed: ${err}`);
  }
  return z.array(z.string()).parse(JSON.parse(out));
}
