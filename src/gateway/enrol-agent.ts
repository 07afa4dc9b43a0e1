import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { demandShallowJson } from '#core/json-depth.ts';
import { enrolEndpoint } from '#core/verbs/enrol-endpoint.ts';
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
import { readBounded } from './read-bounded.ts';

/**
 * Enrols an endpoint that proves possession of its device key.
 * @throws Fault `invalid_json`, `invalid_request`, `too_large`; `unauthenticated` for a bad token or proof.
 */
export async function enrolAgent(
  ports: GatewayPorts,
  request: Request,
  around: AgentRequestSettings & AgentConnection,
): Promise<Response> {
  const asked = parse(await readBounded(request, limits.enrolmentBytes));
  const devicePublicKey = fromBase64(asked.publicKey);
  const signed = { bytes: enrolmentStatement(asked), signature: fromBase64(asked.signature) };
  if (!isSignatureValid('custody-enrol-v1', signed, readPublicKey(devicePublicKey))) {
    throw new Fault('unauthenticated', 'The signature is not by the device key that was sent.');
  }
  const { token, vaultRecipient, facts } = asked;
  const { remoteAddress } = around;
  const endpoint = await enrolEndpoint(ports, { token, devicePublicKey, vaultRecipient, facts, remoteAddress });
  ports.log.info('An endpoint was enrolled.', { endpointId: endpoint.id, hostName: facts.hostName, remoteAddress });
  return Response.json({
    endpointId: endpoint.id,
    endpointNumber: endpoint.number,
    orderKey: Buffer.from(ports.signer.publicKey).toString('base64'),
    recoveryRecipient: around.recoveryRecipient,
  } satisfies EnrolmentReply);
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
