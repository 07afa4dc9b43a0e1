import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Client } from '#sdk/client.ts';
import { CommandFailure } from './command-error.ts';
import { type Context, say } from './context.ts';
import { safeText } from './safe-text.ts';
import { type ServerOptions, withClient } from './with-client.ts';

/**
 * Logs in through the server's identity provider: a browser on this machine does it and hands a code to a port that only this machine can
 * reach (RFC 8252, 7.3), which buys a session of whoever knows what the challenge was made of (RFC 7636).
 */
export function logInByBrowser(
  context: Context,
  options: ServerOptions,
): Promise<Awaited<ReturnType<Client['takeSession']>>> {
  return withClient(context, options, async (client) => {
    const { provider } = await client.readLogInWays();
    if (provider === null) {
      throw new CommandFailure('This server has no identity provider: log in with --email EMAIL.');
    }
    const verifier = randomText();
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const handle = randomText();
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const port = String(portOf(server));
      const address = `${provider.address}?${new URLSearchParams({ port, challenge, handle })}`;
      say(context, `Open this address in a browser on this machine, and log in at ${safeText(provider.name)}:`);
      say(context, `\n  ${safeText(address)}\n`);
      say(context, `The last page must show ${challenge.slice(0, 8)}. Go on there only if it does.`);
      return await client.takeSession({ code: await codeFor(server, handle), verifier });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Whatever else asks, a page of another site, say, does not know the handle. */
function codeFor(server: Server, handle: string): Promise<string> {
  return new Promise((resolve) => {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const asked = URL.parse(request.url ?? '', 'http://127.0.0.1')?.searchParams;
      const code = asked?.get('handle') === handle ? asked.get('code') : null;
      const headers = {
        'content-type': 'text/plain; charset=utf-8',
        'referrer-policy': 'no-referrer',
        connection: 'close',
      };
      if (typeof code !== 'string') {
        response.writeHead(404, headers).end('This is no answer to the log-in that is under way.\n');
        return;
      }
      response.writeHead(200, headers).end('The command line goes on. This page can be closed.\n', () => resolve(code));
    });
  });
}
