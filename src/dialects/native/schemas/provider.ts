import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';
import { session } from './session.ts';

/** 256 bits in base64url: a digest, or a random text. */
const secret = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'has 43 characters of base64url')
  .meta({ description: '256 bits in base64url.' });

const page = { mediaType: 'text/html' } as const;

export const readLogInWays = {
  name: 'readLogInWays',
  summary: 'How people log in here.',
  method: 'GET',
  path: '/sessions/ways',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      provider: z
        .object({
          name: z.string(),
          issuer: z.string(),
          address: z
            .string()
            .meta({ description: 'Where a browser begins: `beginProviderLogIn`, with its query to be added.' }),
        })
        .nullable()
        .meta({ description: 'Null where people log in with passwords only.' }),
    })
    .meta({ id: 'LogInWays' }),
} as const satisfies Contract;

export const beginProviderLogIn = {
  name: 'beginProviderLogIn',
  summary: 'Sends a browser to the identity provider; for a command line with `port`, `challenge` and `handle`.',
  method: 'GET',
  path: '/sessions/provider',
  parameters: nothing,
  query: z.strictObject({
    returnTo: z.string().max(1_024).optional().meta({ description: 'Path of a page of this server to end at.' }),
    port: z
      .string()
      .regex(/^[1-9]\d{0,4}$/, 'is a port of this machine')
      .transform(Number)
      .refine((port) => port <= 65_535, 'is a port of this machine')
      .optional()
      .meta({ description: 'Where a command line listens on 127.0.0.1 (RFC 8252, 7.3).' }),
    challenge: secret.optional().meta({ description: 'SHA-256 of its verifier (RFC 7636, 4.2).' }),
    handle: secret.optional().meta({ description: 'Given back to it with the code.' }),
  }),
  body: null,
  status: 200,
  reply: page,
} as const satisfies Contract;

export const finishProviderLogIn = {
  name: 'finishProviderLogIn',
  summary: 'Where the identity provider sends the browser back to; its redirect address.',
  method: 'GET',
  path: '/sessions/provider/callback',
  parameters: nothing,
  query: z.looseObject({}),
  body: null,
  status: 200,
  reply: page,
} as const satisfies Contract;

export const takeSession = {
  name: 'takeSession',
  keyless: 'a code is good once, and nobody has been identified whose key it could be',
  summary: 'Opens the session of a log-in that a browser has made for a command line.',
  method: 'POST',
  path: '/sessions/provider',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ code: z.string().max(2_048), verifier: secret }).meta({ id: 'HandOver' }),
  status: 201,
  reply: session,
} as const satisfies Contract;

export const linkUser = {
  name: 'linkUser',
  summary: 'Says who a user is at the identity provider: they log in there from now on, and nowhere else.',
  method: 'POST',
  path: '/users/link',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ email: z.string().max(254), subject: z.string().max(255) }).meta({ id: 'UserLink' }),
  status: 204,
  reply: null,
} as const satisfies Contract;
