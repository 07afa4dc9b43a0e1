import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';

/** What the provider tells of somebody. */
export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean | string;
  readonly groups?: unknown;
  readonly realm_access?: unknown;
}

export interface ProviderOptions {
  readonly redirectUri: string;
  readonly people: Record<string, Person>;
  /** Whether it puts what it knows into the token itself. Default: true; else one must ask for it. */
  readonly isInToken?: boolean;
  readonly clientId?: string;
}

export const clientId = 'custody';
export const clientSecret = 'a secret of the client, with : and % in it, and long enough';

/** A real provider (`oidc-provider`) on the loopback interface. */
export class TestProvider implements AsyncDisposable {
  readonly issuer: string;
  readonly people: Record<string, Person>;
  /** Paths that it was asked for, in order. */
  readonly asked: string[] = [];
  /** Every connection is dropped. */
  isAway = false;
  /** Answers this status to everything. */
  status: number | undefined;
  /** Changes what comes out of the token endpoint. */
  tamper: (token: string) => string = (token) => token;
  /** Changes what it says of itself. */
  describe: (metadata: Record<string, unknown>) => Record<string, unknown> = (metadata) => metadata;
  key: KeyObject;
  readonly #server: Server;
  readonly #options: ProviderOptions;
  #keys = 0;
  #answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;

  private constructor(server: Server, port: number, options: ProviderOptions) {
    this.#server = server;
    this.#options = options;
    this.people = options.people;
    this.issuer = `http://127.0.0.1:${port}`;
    this.key = this.rotate();
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.asked.push(new URL(request.url ?? '/', this.issuer).pathname);
      if (this.isAway) {
        request.socket.destroy();
      } else if (this.status === undefined) {
        this.#answer(request, response);
      } else {
        response.writeHead(this.status).end();
      }
    });
  }

  static async open(options: ProviderOptions): Promise<TestProvider> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return new TestProvider(server, typeof address === 'object' ? (address?.port ?? 0) : 0, options);
  }

  /** New signing keys in place of the old ones. */
  rotate(): KeyObject {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.key = privateKey;
    this.#answer = this.#provider(privateKey).callback();
    return privateKey;
  }

  /** Logs somebody in as its own page would, and agrees to what is asked. @returns the forms to send, in order */
  static forms(login: string): readonly Readonly<Record<string, string>>[] {
    return [{ prompt: 'login', login, password: 'any' }, { prompt: 'consent' }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #provider(key: KeyObject): Provider {
    const { redirectUri, isInToken = true } = this.#options;
    this.#keys += 1;
    const kid = `key-${this.#keys}`;
    const provider = new Provider(this.issuer, {
      clients: [
        { client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] },
        { client_id: 'another', client_secret: clientSecret, redirect_uris: [redirectUri] },
      ],
      jwks: { keys: [{ ...key.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] },
      cookies: { keys: ['a key of the test'] },
      claims: { openid: ['sub', 'realm_access'], email: ['email', 'email_verified'], groups: ['groups'] },
      conformIdTokenClaims: !isInToken,
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
      pkce: { required: () => true },
      findAccount: (_, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, ...this.people[accountId] }),
      }),
    });
    provider.use(async (context, next) => {
      await next();
      const { path } = context;
      if (path === '/token' && typeof context.body === 'object' && context.body !== null) {
        const body = context.body as Record<string, unknown>;
        context.body =
          typeof body['id_token'] === 'string' ? { ...body, id_token: this.tamper(body['id_token']) } : body;
      }
      if (path === '/.well-known/openid-configuration') {
        context.body = this.describe(context.body as Record<string, unknown>);
      }
    });
    return provider;
  }
}
