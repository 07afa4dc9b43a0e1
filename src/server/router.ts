import type { RequestTrace } from '#core/ports/request-trace.ts';
import type { Counted, ServerMetrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { answerTraced, type TracePorts } from './request-trace.ts';

const metricsPath = '/api/v1/metrics';

/** Where a request came from. */
export interface Connection {
  readonly remoteAddress: string;
  /** Through the server's own Unix socket. */
  readonly local: boolean;
  readonly trace?: RequestTrace;
}

/** One part of the server that answers requests, as the router sees it: a dialect, or the console. */
export interface Answerer {
  readonly name: string;
  owns(path: string): boolean;
  handle(request: Request, connection: Connection): Promise<Response>;
}

export interface Routes {
  readonly answerers: readonly Answerer[];
  /** Answers what none of them owns. */
  readonly fallback: Answerer;
  /** `/agent/v1/*` but the WebSocket itself. */
  agent(request: Request, connection: Connection): Promise<Response>;
  readonly metrics: Pick<ServerMetrics, 'count'>;
  readonly readiness: Pick<Readiness, 'answer'>;
  readonly ports: TracePorts;
}

/** Sends each request to the one part that owns its path, counts it and tells the log of it. */
export async function route(routes: Routes, request: Request, connection: Connection): Promise<Response> {
  const { api, handle } = answererOf(routes, new URL(request.url).pathname);
  return answerTraced(routes.ports, {
    request,
    isProbe: api === 'probe',
    answer: (trace) =>
      routes.metrics.count({ api, method: request.method, answer: () => handle(request, { ...connection, trace }) }),
  });
}

interface Chosen extends Pick<Counted, 'api'> {
  handle(request: Request, connection: Connection): Promise<Response>;
}

function answererOf(routes: Routes, pathname: string): Chosen {
  if (pathname === '/healthz') {
    return { api: 'probe', handle: async () => new Response('ok\n') };
  }
  if (pathname === '/readyz') {
    return { api: 'probe', handle: () => routes.readiness.answer() };
  }
  if (pathname === '/metrics') {
    // Where scrapers look; who may read it is for the native API to say.
    return {
      api: 'probe',
      handle({ url, method, headers }, connection) {
        return routes.fallback.handle(new Request(new URL(metricsPath, url).href, { method, headers }), connection);
      },
    };
  }
  if (pathname === '/agent/v1' || pathname.startsWith('/agent/v1/')) {
    return { api: 'agent', handle: routes.agent };
  }
  const answerer = routes.answerers.find((candidate) => candidate.owns(pathname)) ?? routes.fallback;
  return { api: answerer.name, handle: (request, connection) => answerer.handle(request, connection) };
}
