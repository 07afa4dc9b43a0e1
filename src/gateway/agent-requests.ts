import { EnrolmentLimits } from '#core/access/enrolment-limits.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { enrolmentPath } from '#wire/enrolment.ts';
import { uploadChunkBytes } from '#wire/limits.ts';
import { uploadsPath } from '#wire/upload.ts';
import type { AgentConnection, AgentRequestSettings } from './agent-request-settings.ts';
import { enrolAgent } from './enrol-agent.ts';
import { renderFault } from './fault-reply.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import { handleUpload, type UploadRoom } from './handle-upload.ts';
import { UploadTurns } from './upload-turns.ts';

export type AgentRequestPorts = GatewayPorts & Pick<Ports, 'blobs' | 'policy' | 'uploadProgress'>;

export type AgentRequestHandler = (request: Request, connection: AgentConnection) => Promise<Response>;

/** The agents' surface beside the WebSocket: enrolment and uploads. The handler never rejects. */
export function createAgentRequests(ports: AgentRequestPorts, settings: AgentRequestSettings): AgentRequestHandler {
  const enrolments = new EnrolmentLimits(ports.clock);
  const uploads = { turns: new UploadTurns(), chunkBytes: settings.uploadChunkBytes ?? uploadChunkBytes };
  settings.revocations?.listen((revoked) => uploads.turns.endAll(revoked));
  return async (request, connection) => {
    try {
      return await route(ports, request, { ...settings, ...connection, enrolments, uploads });
    } catch (thrown) {
      const fault = asFault(thrown);
      log(ports, fault);
      return renderFault(fault, request.method);
    }
  };
}

function route(
  ports: AgentRequestPorts,
  request: Request,
  around: AgentRequestSettings &
    AgentConnection & { readonly enrolments: EnrolmentLimits; readonly uploads: UploadRoom },
): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === enrolmentPath && request.method === 'POST') {
    around.trace?.tookRoute(`POST ${enrolmentPath}`);
    return enrolAgent(ports, request, around);
  }
  const upload = pathname.startsWith(`${uploadsPath}/`) ? pathname.slice(uploadsPath.length + 1).split('/') : [];
  const [taskId, ordinal] = upload;
  if (upload.length === 2 && (request.method === 'HEAD' || request.method === 'PATCH')) {
    around.trace?.tookRoute(`${request.method} ${uploadsPath}/:taskId/:ordinal`);
    return handleUpload(ports, request, { ...around.uploads, route: { method: request.method, taskId, ordinal } });
  }
  throw new Fault('not_found', `There is nothing at ${request.method} ${pathname}.`, { details: { what: 'path' } });
}

/** Not the message: it repeats what was sent, which may be an enrolment token in a wrong place. */
function log(ports: Pick<AgentRequestPorts, 'log'>, fault: Fault): void {
  const { code } = fault;
  if (code === 'internal' || code === 'unavailable' || code === 'evidence_unavailable') {
    ports.log.error("An agent's request failed.", { code, cause: fault.cause ?? fault });
    return;
  }
  ports.log.info("An agent's request was refused.", { code });
}
