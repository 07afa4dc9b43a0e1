import type { Readiness } from './readiness.ts';

/** Where a request came from. */
export interface Connection {
  readonly remoteAddress: string;
  /** Through the server's own Unix socket. */
  readonly local: boolean;
}

/** One part of the server that answers requests: a dialect, as the router sees it. */
export interface Answerer {
  owns(path: string): boolean;
  handle(request: Request, connection: Connection): Promise<Response>;
}

export interface Routes {
  readonly dialects: readonly Answerer[];
  /** Answers what no dialect owns. */
  readonly fallback: Answerer;
  /** `/agent/v1/*` but the WebSocket itself. */
  agent(request: Request, connection: Connection): Promise<Response>;
  readonly readiness: Pick<Readiness, 'answer'>;
}

/** Sends each request to the one part that owns its path. */
export async function route(routes: Routes, request: Request, connection: Connection): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/healthz') {
    return new Response('ok\n');
  }
  if (pathname === '/readyz') {
    return routes.readiness.answer();
  }
  if (pathname === '/agent/v1' || pathname.startsWith('/agent/v1/')) {
    return routes.agent(request, connection);
  }
  const dialect = routes.dialects.find((candidate) => candidate.owns(pathname)) ?? routes.fallback;
  return dialect.handle(request, connection);
}
