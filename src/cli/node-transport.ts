import type { IncomingMessage, RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import type { ApiReply, ApiRequest } from '#sdk/send.ts';

type StartRequest = (
  options: RequestOptions,
  onResponse: (message: IncomingMessage) => void,
) => { once(event: 'error', listener: (error: Error) => void): unknown; end(body?: string): unknown };

/** Carries one request over `node:http` or `node:https`. */
export function sendOverNode(start: StartRequest, where: RequestOptions, request: ApiRequest): Promise<ApiReply> {
  const { method, path, headers, body, signal } = request;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const asked = { method, path, ...(signal !== undefined && { signal }) };
  return new Promise((resolve, reject) => {
    const outgoing = start({ ...where, ...asked, headers: { ...headers, ...length } }, (message) =>
      resolve(replyOf(message)),
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function replyOf(message: IncomingMessage): ApiReply {
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) {
      headers.append(name, value);
    }
  }
  return { status: message.statusCode ?? 0, headers, body: Readable.toWeb(message) };
}
