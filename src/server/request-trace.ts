import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { Random } from '#core/ports/random.ts';
import type { RequestTrace } from '#core/ports/request-trace.ts';
import { knownMethod } from './known-method.ts';

const requestIdHeader = 'x-request-id';

/** What tracing systems send; anything else is not taken over, for an id stands in logs and answers. */
const saneId = /^[A-Za-z0-9_-]{8,64}$/;

const underWay = new AsyncLocalStorage<RequestTrace>();

/** What every line of the log gets that is written while a request is answered; empty beside one. */
export function requestFacts(): { readonly requestId?: string } {
  const trace = underWay.getStore();
  return trace === undefined ? {} : { requestId: trace.id };
}

export interface TracePorts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: Pick<Random, 'uuid'>;
  readonly log: Log;
}

export interface Traced {
  readonly request: Request;
  /** Asked by machines every few seconds, and told at level `debug` only. */
  readonly isProbe: boolean;
  answer(trace: RequestTrace): Promise<Response>;
}

/**
 * Answers a request under an id, which is the client's own `X-Request-Id` where that is sane, and writes one line about it: of
 * what the client sent nothing stands there but the method. The duration, in milliseconds, is that to the head of the answer.
 */
export async function answerTraced(ports: TracePorts, { request, isProbe, answer }: Traced): Promise<Response> {
  const given = request.headers.get(requestIdHeader) ?? '';
  const facts: { route?: string; principal?: string } = {};
  const trace: RequestTrace = {
    id: saneId.test(given) ? given : ports.random.uuid(),
    tookRoute(pattern) {
      facts.route = pattern;
    },
    isOf({ kind, id }) {
      facts.principal = `${kind}:${id}`;
    },
  };
  return underWay.run(trace, async () => {
    const began = ports.clock.monotonic();
    const response = await answer(trace);
    const duration = Math.round(ports.clock.monotonic() - began);
    const say = isProbe ? ports.log.debug : ports.log.info;
    say('A request was answered.', {
      method: knownMethod(request.method),
      ...facts,
      status: response.status,
      duration,
    });
    response.headers.set(requestIdHeader, trace.id);
    return response;
  });
}
