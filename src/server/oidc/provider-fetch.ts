import { type IncomingMessage, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import type { CustomFetchOptions } from 'openid-client';
import { readMessage } from '../read-message.ts';
import { isLoopback } from './loopback.ts';

/** No document of a provider is nearly as long. */
const largestAnswer = 1024 * 1024;

/** Nothing, or nothing that can be used, came from the provider. */
export class ProviderUnreachable extends Error {
  override readonly name = 'ProviderUnreachable';
}

export type ProviderFetch = (url: string, options: CustomFetchOptions) => Promise<Response>;

/**
 * How the provider is asked: over TLS but on this machine, without following redirects, and for answers of a bounded size. The
 * returned function rejects with `ProviderUnreachable` and nothing else.
 * @param authorities PEM; all that may have signed the provider's certificate. Undefined: the public ones.
 */
export function providerFetch(authorities: readonly string[] | undefined): ProviderFetch {
  const trust: RequestOptions = authorities === undefined ? {} : { ca: [...authorities] };
  return async (address, options) => {
    try {
      return await responseOf(await send(new URL(address), { options, trust }));
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : String(cause);
      throw cause instanceof ProviderUnreachable ? cause : new ProviderUnreachable(words, { cause });
    }
  };
}

interface Sent {
  readonly options: CustomFetchOptions;
  readonly trust: RequestOptions;
}

function send(url: URL, { options, trust }: Sent): Promise<IncomingMessage> {
  const { method, signal } = options;
  const text = String(options.body ?? '');
  const length = text === '' ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  const headers = { ...options.headers, ...length };
  return new Promise((resolve, reject) => {
    const outgoing = starterOf(url)(
      url,
      { ...trust, method, headers, agent: false, ...(signal && { signal }) },
      resolve,
    );
    outgoing.once('error', reject);
    outgoing.end(text);
  });
}

function starterOf(url: URL): typeof requestHttps {
  if (url.protocol === 'https:') {
    return requestHttps;
  }
  if (url.protocol === 'http:' && isLoopback(url)) {
    return requestHttp;
  }
  throw new ProviderUnreachable(`it names an address that is not https: ${url.href}`);
}

async function responseOf(message: IncomingMessage): Promise<Response> {
  const status = message.statusCode ?? 0;
  if (status >= 500) {
    message.destroy();
    throw new ProviderUnreachable(`it answered ${status}`);
  }
  const tooLong = () => {
    message.destroy();
    return new ProviderUnreachable(`it answered more than ${largestAnswer} bytes`);
  };
  const body = await readMessage(message, { most: largestAnswer, tooLong });
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) {
      headers.append(name, value);
    }
  }
  return new Response(body.length === 0 ? null : body, { status, headers });
}
