import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import { type UploadTarget, uploadHeaders, uploadStatement, uploadTargetSchema } from '#wire/upload.ts';
import { fromBase64 } from './from-base64.ts';

export interface UploadRoute {
  readonly method: 'HEAD' | 'PATCH';
  readonly taskId: string | undefined;
  readonly ordinal: string | undefined;
}

export interface AuthenticUpload {
  readonly target: UploadTarget;
  readonly offset: number;
}

const proofSchema = z.object({
  /** HEAD asks for the offset, and signs 0. */
  offset: z.coerce.number().int().nonnegative().default(0),
  signature: z.base64().max(128),
});

/**
 * Reads whose file a request is about, and proves that its agent sent it.
 * @throws Fault `invalid_request` for headers that are missing or wrong, `unauthenticated` for a signature that is
 * not the endpoint's, or an endpoint that is unknown or revoked.
 */
export async function authenticateUpload(
  ports: Pick<Ports, 'store'>,
  request: Request,
  route: UploadRoute,
): Promise<AuthenticUpload> {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const target = uploadTargetSchema.safeParse({
    endpointId: header(uploadHeaders.endpoint),
    taskId: route.taskId,
    ordinal: route.ordinal,
    sha256: header(uploadHeaders.sha256),
    size: header(uploadHeaders.size),
  });
  const proof = proofSchema.safeParse({
    offset: header(uploadHeaders.offset),
    signature: header(uploadHeaders.signature),
  });
  if (!target.success || !proof.success) {
    const cause = target.error ?? proof.error;
    const field = cause?.issues[0]?.path.join('.') ?? '?';
    throw new Fault('invalid_request', `The upload's ${field} is missing or wrong.`, { cause, details: { field } });
  }
  const { offset, signature } = proof.data;
  const bytes = uploadStatement(route.method, target.data, offset);
  await demandSignature(ports, target.data, { bytes, signature: fromBase64(signature) });
  return { target: target.data, offset };
}

async function demandSignature(
  ports: Pick<Ports, 'store'>,
  { endpointId }: UploadTarget,
  signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
): Promise<void> {
  const endpoint = await ports.store.read(({ endpoints }) => endpoints.byId(endpointId));
  const live = endpoint !== undefined && endpoint.revokedAt === null;
  if (!live || !isSignatureValid('custody-upload-v1', signed, readPublicKey(endpoint.devicePublicKey))) {
    throw new Fault('unauthenticated', 'The signature is not by the key of an endpoint that is enrolled here.');
  }
}
