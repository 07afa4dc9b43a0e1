import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { CopySign } from '#core/endpoint/machine.ts';
import { minute } from '#core/time.ts';
import type { Refusal } from './agent-session.ts';

interface RefusedCopy {
  readonly endpointId: EndpointId;
  readonly sign: CopySign;
  /** As the endpoint's list of copies has it. */
  readonly copy: string;
}

const signs: Readonly<Record<CopySign, string>> = {
  other_machine: 'the endpoint is on another machine',
  older_data: 'its data are older than what the server has seen of the endpoint',
  both_at_once: 'the endpoint is connected from elsewhere at this moment',
};

/** How soon a copy asks again: by then somebody may have said that it is the endpoint. */
const copyPause = 5 * minute;

/** How a copy is parted from. */
export function refusalOf(copy: RefusedCopy): Refusal {
  return { why: copyWords(copy), retryAfter: copyPause, final: false };
}

/** What a copy is told, for its log and its status: what is the matter, and both ways out of it. At most 500 characters. */
function copyWords({ endpointId, sign, copy }: RefusedCopy): string {
  return (
    `This machine is a copy of endpoint ${endpointId} or was restored: ${signs[sign]}. It gets no orders. ` +
    'For an endpoint of its own, stop the agent, move its data directory away ' +
    '(mv /var/lib/custody-agent /var/lib/custody-agent.copy) and run: custody agent enroll --server URL --ca FILE --token TOKEN. ' +
    `If it took the place of the other: custody endpoint accept-machine ${endpointId} ${copy}`
  );
}
