import { join } from 'node:path';
import { z } from 'zod';
import { pause } from './pause.ts';

const createdToken = z.object({ token: z.string() });
const filePage = z.object({ total: z.number() });
const endpointPage = z.object({ items: z.array(z.object({ id: z.string() })) });

/** The native API over a server's admin socket, as far as the benchmarks need it. */
export class AdminClient {
  readonly #socket: string;

  constructor(data: string) {
    this.#socket = join(data, 'admin.sock');
  }

  async untilReady(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      try {
        await this.#call('/users');
        return;
      } catch {
        await pause(50);
      }
    }
    throw new Error('The server did not answer within 5 seconds.');
  }

  async createToken(uses: number): Promise<string> {
    return createdToken.parse(await this.#call('/enrolment-tokens', { uses, lifetimeSeconds: 600, tags: [] })).token;
  }

  async listEndpoints(agents: number): Promise<readonly string[]> {
    const ids: string[] = [];
    while (ids.length < agents) {
      const { items } = endpointPage.parse(await this.#call(`/endpoints?offset=${ids.length}&limit=1000`));
      if (items.length === 0) {
        throw new Error(`Only ${ids.length} of ${agents} endpoints are listed.`);
      }
      ids.push(...items.map(({ id }) => id));
    }
    return ids;
  }

  async quarantine(asked: { endpointIds: readonly string[]; path: string; sha256: string }): Promise<void> {
    await this.#call('/actions/quarantine', asked);
  }

  /** How many present files agents have told of, all of them or those with this path. */
  async countFiles(path?: string): Promise<number> {
    const conditions = path === undefined ? [] : [{ field: 'path', values: [path] }];
    const body = { conditions, states: ['present'], limit: 1 };
    return filePage.parse(await this.#call('/files/search', body)).total;
  }

  /** POST with a body, GET without. */
  async #call(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://custody/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      unix: this.#socket,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) {
      throw new Error(`${path}: ${response.status} ${await response.text()}`);
    }
    return response.json();
  }
}
