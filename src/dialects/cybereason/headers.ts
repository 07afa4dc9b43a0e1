/**
 * What every answer of the vendor's carries. `max-age=0` is the vendor's too: with a
 * self-made certificate, a browser that remembered to insist would lock its user out.
 */
const onEveryAnswer: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=0',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'x-xss-protection': '1; mode=block',
  'cache-control': 'no-store',
};

/**
 * Adds the headers of every answer. A client that asks for `Connection: close` is told that it will be closed: one
 * that is merely hung up on reuses a dead socket for the redirect that follows a log-in.
 */
export function finish(request: Request, response: Response): Response {
  for (const [name, value] of Object.entries(onEveryAnswer)) {
    response.headers.set(name, value);
  }
  if (/(?:^|,)\s*close\s*(?:,|$)/i.test(request.headers.get('connection') ?? '')) {
    response.headers.set('connection', 'close');
  }
  return response;
}
