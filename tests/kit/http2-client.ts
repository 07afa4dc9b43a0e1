import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkout, runProgram } from './program.ts';
import type { RealServer } from './real-server.ts';

export interface Http2Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const outputSchema = z.strictObject({
  protocol: z.string(),
  answers: z.array(
    z.strictObject({ status: z.number(), headers: z.record(z.string(), z.unknown()), base64: z.base64() }),
  ),
});

export type Http2Output = z.infer<typeof outputSchema>;

/** Sends requests at once over one HTTP/2 session of Node itself, whose `node:http2` the vendor's SDK is built on. */
export async function sendOverHttp2(server: RealServer, requests: readonly Http2Request[]): Promise<Http2Output> {
  const input = JSON.stringify({ authority: server.url, ca: readFileSync(server.caFile, 'utf8'), requests });
  const script = join(checkout, 'tests', 'kit', 'http2-client.mjs');
  const { code, out, err } = await runProgram(['node', script], { input });
  if (code !== 0) {
    throw new Error(`The HTTP/2 client ended with ${code}: ${err}`);
  }
  return outputSchema.parse(JSON.parse(out));
}
