import type { Counted, ServerMetrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

const metricsPath = '/api/v1/metrics';

/** Where a request came from. */
export interface Connection {
  readonly remoteAddress: string;
  /** Through the server's own Unix socket. */
  readonly local: boolean;
}

/** One part of the server that answers requests: a dialect, as the router sees it. */
export interface Answerer {
  readonly name: string;
  owns(path: string): boolean;
  handle(request: Request, connection: Connection): Promise<Response>;
}

export interface Routes {
  readonly dialects: readonly Answerer[];
  /** Answers what no dialect owns. */
  readonly fallback: Answerer;
  /** `/agent/v1/*` but the WebSocket itself. */
  agent(request: Request, connection: Connection): Promise<Response>;
  readonly metrics: Pick<ServerMetrics, 'count'>;
  readonly readiness: Pick<Readiness, 'answer'>;
}

/** Sends each request to the one part that owns its path. */
export async function route(routes: Routes, request: Request, connection: Connection): Promise<Response> {
  const { api, answer } = answererOf(routes, request, connection);
  return routes.metrics.count({ api, method: request.method, answer });
}

function answererOf(routes: Routes, request: Request, connection: Connection): Pick<Counted, 'api' | 'answer'> {
  const { pathname } = new URL(request.url);
  if (pathname === '/healthz') {
    return { api: 'probe', answer: async () => new Response('ok\n') };
  }
  if (pathname === '/readyz') {
    return { api: 'probe', answer: () => routes.readiness.answer() };
  }
  if (pathname === '/metrics') {
    // Where scrapers look; who may read it is for the native API to say.
    const { method, headers } = request;
    const inside = new Request(new URL(metricsPath, request.url).href, { method, headers });
    return { api: 'probe', answer: () => routes.fallback.handle(inside, connection) };
  }
  if (pathname === '/agent/v1' || pathname.startsWith('/agent/v1/')) {
    return { api: 'agent', answer: () => routes.agent(request, connection) };
  }
  const dialect = routes.dialects.find((candidate) => candidate.owns(pathname)) ?? routes.fallback;
  return { api: dialect.name, answer: () => dialect.handle(request, connection) };
}
