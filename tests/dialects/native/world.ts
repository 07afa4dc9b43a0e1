import { createKey } from '#core/verbs/create-key.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator } from '#kit/fleet.ts';
import { openPorts, type TestPorts, type TestPortsOptions } from '#kit/ports.ts';

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text, else as JSON. */
  readonly body?: unknown;
  /** Through the server's own socket. Default: true. */
  readonly local?: boolean;
}

export interface NativeWorld extends AsyncDisposable {
  readonly ports: TestPorts;
  readonly dialect: Dialect;
  /** `path` below `/api/v1`. */
  ask(path: string, asking?: Asking): Promise<Response>;
  /** The header that a fresh standard key of this role sends. */
  authorizationOf(role: string): Promise<string>;
}

/** The native dialect on a real store. */
export async function openNative(options: TestPortsOptions = {}): Promise<NativeWorld> {
  const ports = await openPorts(options);
  const dialect = createNativeDialect(ports);
  return {
    ports,
    dialect,
    ask(path, { method = 'GET', headers = {}, body, local = true } = {}) {
      const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
      const init = { method, headers, ...(text !== undefined && { body: text }) };
      const request = new Request(`https://custody.test/api/v1${path}`, init);
      return dialect.handle(request, { remoteAddress: '192.0.2.1', local });
    },
    async authorizationOf(role) {
      const request = { name: role, role, level: 'standard', expiresAt: null } as const;
      const { key, secret } = await createKey(ports, administrator, request);
      return `Custody-Key ${key.id}:${secret}`;
    },
    [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose](),
  };
}
