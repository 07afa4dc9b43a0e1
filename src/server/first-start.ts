import type { Ports } from '#core/ports/ports.ts';
import { initialiseServer } from '#core/verbs/initialise-server.ts';
import type { Config } from './config.ts';

export interface Administrator {
  readonly email: string;
  /** Undefined when the administrator chose it: what they know need not be shown. */
  readonly generatedPassword: string | undefined;
}

/** Makes the first user of an empty store. @returns undefined when there are users already. */
export async function makeFirstUser(ports: Ports, config: Config): Promise<Administrator | undefined> {
  const chosen = config.CUSTODY_ADMIN_PASSWORD;
  const password = chosen ?? Buffer.from(ports.random.bytes(15)).toString('base64url');
  const email = config.CUSTODY_ADMIN_EMAIL;
  const made = await initialiseServer(ports, { email, password });
  return made ? { email, generatedPassword: chosen === undefined ? password : undefined } : undefined;
}
