import { createHash } from 'node:crypto';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import { type UploadTarget, uploadHeaders, uploadStatement, uploadTargetSchema } from '#wire/upload.ts';

/** Takes uploads as wire/upload.ts has them, into maps. */
export class TinyEvidence {
  /** SHA-256 -> bytes. */
  readonly stored = new Map<string, Buffer>();
  readonly requests: { readonly method: string; readonly offset: number }[] = [];
  /** What is answered while no evidence can be taken. */
  status: number | undefined;
  /** Takes requests and answers none. */
  isSilent = false;
  /** Breaks this many PATCHes off after their first chunk. */
  breaks = 0;
  private readonly partial = new Map<string, Buffer>();
  private readonly devices: ReadonlyMap<EndpointId, Uint8Array>;

  constructor(devices: ReadonlyMap<EndpointId, Uint8Array>) {
    this.devices = devices;
  }

  async handle(request: Request, url: URL): Promise<Response> {
    const [taskId, ordinal] = url.pathname.split('/').slice(-2);
    const header = (name: string) => request.headers.get(name) ?? '';
    const { endpoint, sha256, size, offset } = uploadHeaders;
    const fields = { endpointId: header(endpoint), taskId, ordinal, sha256: header(sha256), size: header(size) };
    const parsed = uploadTargetSchema.safeParse(fields);
    if (!parsed.success) {
      return answer(400);
    }
    const target = parsed.data;
    const at = Number(header(offset));
    this.requests.push({ method: request.method, offset: at });
    if (!this.isSigned(request, target, at)) {
      return answer(401);
    }
    if (this.isSilent) {
      return new Promise<never>(() => undefined);
    }
    if (this.status !== undefined) {
      return answer(this.status);
    }
    if (this.stored.has(target.sha256)) {
      return answer(204, target.size);
    }
    return request.method === 'HEAD' ? answer(200, this.held(target).length) : this.append(request, target, at);
  }

  private isSigned(request: Request, target: UploadTarget, at: number): boolean {
    const bytes = uploadStatement(request.method === 'HEAD' ? 'HEAD' : 'PATCH', target, at);
    const signature = Buffer.from(request.headers.get(uploadHeaders.signature) ?? '', 'base64');
    const device = this.devices.get(target.endpointId);
    return device !== undefined && isSignatureValid('custody-upload-v1', { bytes, signature }, readPublicKey(device));
  }

  private async append(request: Request, target: UploadTarget, at: number): Promise<Response> {
    if (at !== this.held(target).length) {
      return answer(409);
    }
    for await (const chunk of request.body ?? []) {
      this.partial.set(keyOf(target), Buffer.concat([this.held(target), chunk]));
      if (this.breaks > 0) {
        this.breaks -= 1;
        return answer(503);
      }
    }
    return this.complete(target);
  }

  private complete(target: UploadTarget): Response {
    const held = this.held(target);
    if (held.length === target.size) {
      if (createHash('sha256').update(held).digest('hex') !== target.sha256) {
        this.partial.delete(keyOf(target));
        return answer(409);
      }
      this.stored.set(target.sha256, held);
    }
    return answer(204, held.length);
  }

  private held(target: UploadTarget): Buffer {
    return this.partial.get(keyOf(target)) ?? Buffer.alloc(0);
  }
}

function keyOf({ taskId, ordinal, sha256 }: UploadTarget): string {
  return `${taskId}/${ordinal}/${sha256}`;
}

function answer(status: number, offset?: number): Response {
  return new Response(null, {
    status,
    headers: offset === undefined ? {} : { [uploadHeaders.offset]: String(offset) },
  });
}
