import type { EnrolmentLimits } from '#core/access/enrolment-limits.ts';
import { checkShape } from '#core/check-shape.ts';
import { asFault, Fault } from '#core/fault.ts';
import { demandShallowJson } from '#core/json-depth.ts';
import { second } from '#core/time.ts';
import { enrolEndpoint } from '#core/verbs/enrol-endpoint.ts';
import { recordEnrolmentGuessing } from '#core/verbs/record-enrolment-guessing.ts';
import {
  type EnrolmentReply,
  type EnrolmentRequest,
  enrolmentRequestSchema,
  enrolmentStatement,
} from '#wire/enrolment.ts';
import { limits } from '#wire/limits.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import type { AgentConnection, AgentRequestSettings } from './agent-request-settings.ts';
import { fromBase64 } from './from-base64.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import { type Deadline, readBounded } from './read-bounded.ts';

/**
 * Enrols an endpoint that proves possession of its device key.
 * @throws Fault `invalid_json`, `invalid_request`, `too_large`; `unauthenticated` for a bad token or proof.
 */
export async function enrolAgent(
  ports: GatewayPorts,
  request: Request,
  around: AgentRequestSettings & AgentConnection & { readonly enrolments: EnrolmentLimits },
): Promise<Response> {
  const { remoteAddress } = around;
  demandRoom(around.enrolments, remoteAddress);
  const asked = parse(await readBounded(request, limits.enrolmentBytes, deadlineOf(ports)));
  const devicePublicKey = fromBase64(asked.publicKey);
  const signed = { bytes: enrolmentStatement(asked), signature: fromBase64(asked.signature) };
  if (!isSignatureValid('custody-enrol-v1', signed, readPublicKey(devicePublicKey))) {
    throw new Fault('unauthenticated', 'The signature is not by the device key that was sent.');
  }
  const { token, vaultRecipient, facts, machine } = asked;
  const enrolment = { token, devicePublicKey, vaultRecipient, facts, remoteAddress, ...(machine && { machine }) };
  const endpoint = await enrolEndpoint(ports, enrolment).catch((thrown: unknown) =>
    countRefusal(ports, around, asFault(thrown)),
  );
  ports.log.info('An endpoint was enrolled.', { endpointId: endpoint.id, hostName: facts.hostName, remoteAddress });
  return Response.json({
    endpointId: endpoint.id,
    endpointNumber: endpoint.number,
    orderKey: Buffer.from(ports.signer.publicKey).toString('base64'),
    recoveryRecipient: around.recoveryRecipient,
  } satisfies EnrolmentReply);
}

/** @throws Fault `rate_limited` */
function demandRoom(enrolments: EnrolmentLimits, remoteAddress: string): void {
  const retryAfterSeconds = enrolments.barredFor(remoteAddress);
  if (retryAfterSeconds !== undefined) {
    throw new Fault('rate_limited', 'Too many wrong enrolment tokens came from this address. Wait a minute.', {
      details: { retryAfterSeconds },
    });
  }
}

/** Any number may have been judged at once: those beyond the limit are not told that they were wrong. */
async function countRefusal(
  ports: GatewayPorts,
  { enrolments, remoteAddress }: AgentConnection & { readonly enrolments: EnrolmentLimits },
  fault: Fault,
): Promise<never> {
  if (fault.code === 'unauthenticated') {
    demandRoom(enrolments, remoteAddress);
    if (enrolments.refused(remoteAddress)) {
      ports.log.warn('An address tried many wrong enrolment tokens, and is shut out for a minute.', { remoteAddress });
      await recordEnrolmentGuessing(ports, remoteAddress);
    }
  }
  throw fault;
}

/** A body that comes byte by byte is not waited for (promise P69). */
function deadlineOf({ clock }: Pick<GatewayPorts, 'clock'>): Deadline {
  return { clock, patience: 10 * second };
}

function parse(body: Uint8Array): EnrolmentRequest {
  const parsed = checkShape(enrolmentRequestSchema, parseJson(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '?';
    throw new Fault('invalid_request', `The field ${field} is wrong: ${issue?.message ?? 'not as expected'}.`, {
      cause: parsed.error,
      details: { field },
    });
  }
  return parsed.data;
}

function parseJson(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body);
  demandShallowJson(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid_json', 'The body is no JSON.', { cause });
  }
}
