import { join } from 'node:path';
import { z } from 'zod';
import { ConnectProxy } from './connect-proxy.ts';
import { checkout, runProgram } from './program.ts';
import type { RealServer } from './real-server.ts';

/** The Python of a virtual environment that has the PyPI package `cybereason`; `tools/python-client.sh` makes one. */
export const python = process.env['CUSTODY_TEST_PYTHON'];

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
    throw new Error('CUSTODY_TEST_PYTHON names no Python; tools/python-client.sh makes one.');
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

/** What one call gave. @throws Error when it raised something. */
export async function callPythonClient(server: RealServer, logIn: PythonLogIn, call: PythonCall): Promise<unknown> {
  const reply = await runPythonClient(server, logIn, [call]);
  const step = 'steps' in reply ? reply.steps[0] : undefined;
  if (step === undefined || !('result' in step)) {
    throw new Error(`${call.name}: ${JSON.stringify(step ?? reply)}`);
  }
  return step.result;
}
