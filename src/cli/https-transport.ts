import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import type { Send } from '#sdk/send.ts';
import { UsageError } from './command-error.ts';
import { sendOverNode } from './node-transport.ts';

export interface RemoteServer {
  /** `https://...`, without a path. */
  readonly url: string;
  /** A PEM file with the authority to trust instead of the system's. */
  readonly caFile: string | undefined;
}

/** The native API of a server over TLS. The server's certificate is always checked. */
export async function httpsTransport({ url, caFile }: RemoteServer): Promise<Send> {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.protocol !== 'https:') {
    throw new UsageError(`--server takes an https address, for example https://127.0.0.1:8443, not "${url}".`);
  }
  const trust = caFile === undefined ? {} : { ca: await readAuthority(caFile) };
  const where = { host: parsed.hostname.replaceAll(/[[\]]/g, ''), port: parsed.port || 443, agent: false, ...trust };
  const host = parsed.host;
  return (message) => sendOverNode(request, where, { ...message, headers: { ...message.headers, host } });
}

async function readAuthority(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`--ca names a file that cannot be read: ${path}.`, { cause });
  }
}
