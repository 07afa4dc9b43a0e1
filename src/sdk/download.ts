import type { Contract } from '#dialects/native/schemas/contract.ts';
import { ApiError } from './api-error.ts';
import { addressOf, type CallInput, reach, request } from './call.ts';
import type { Send } from './send.ts';

/** Bytes on their way. */
export interface Download {
  /** As `Content-Disposition` suggests it: from the endpoint, so hostile. */
  readonly suggestedName: string | undefined;
  /** Undefined where it shows only in the end. */
  readonly size: number | undefined;
  readonly body: ReadableStream<Uint8Array>;
}

/** Bytes that a browser may be sent for. */
export interface Offered extends Pick<Download, 'suggestedName' | 'size'> {
  /** Path and query on the server. */
  readonly address: string;
}

/**
 * Makes sure that a download can be had now, for whoever has the bytes fetched by other means than this client: what answers there then is a
 * file, unless it is taken away in between. Delivers nothing. @throws ApiError
 */
export async function offer<Of extends Contract>(send: Send, contract: Of, input: CallInput<Of>): Promise<Offered> {
  const address = addressOf(contract, input);
  const { status, headers } = await reach(send, {
    ...{ method: 'HEAD', path: address, body: undefined },
    headers: { accept: '*/*' },
  });
  if (status !== contract.status) {
    // Without a body no reason is told; to be asked in full tells it.
    await (await request(send, contract, input)).body?.cancel();
  }
  return { address, ...factsOf(headers) };
}

/** Opens a download. A stream that breaks off errors: half a file is never taken for a whole one. @throws ApiError */
export async function download<Of extends Contract>(send: Send, contract: Of, input: CallInput<Of>): Promise<Download> {
  const { headers, body, status } = await request(send, contract, input);
  if (body === null) {
    throw new ApiError('The server sent no bytes.', { code: 'unexpected_reply', status });
  }
  const facts = factsOf(headers);
  return { ...facts, body: facts.size === undefined ? body : body.pipeThrough(exactly(facts.size)) };
}

function factsOf(headers: Headers): Pick<Download, 'suggestedName' | 'size'> {
  const length = headers.get('content-length');
  return {
    suggestedName: nameIn(headers.get('content-disposition') ?? ''),
    size: length === null ? undefined : Number(length),
  };
}

function nameIn(disposition: string): string | undefined {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  if (extended !== undefined) {
    return decodeURIComponent(extended);
  }
  return /filename="([^"]*)"/i.exec(disposition)?.[1];
}

function exactly(size: number): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.length;
      controller.enqueue(chunk);
    },
    flush(controller) {
      if (seen !== size) {
        const message = `The download broke off after ${seen} of ${size} bytes.`;
        controller.error(new ApiError(message, { code: 'unreachable', status: 200 }));
      }
    },
  });
}
