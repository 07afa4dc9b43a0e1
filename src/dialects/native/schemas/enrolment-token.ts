import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';
import { instant, nullableInstant } from './values.ts';

export const enrolmentToken = z
  .object({
    id: z.string(),
    usesLeft: z.int(),
    tags: z.array(z.string()),
    createdAt: instant,
    createdBy: z.string(),
    expiresAt: instant,
    addresses: z
      .array(z.string())
      .meta({ description: 'Addresses and ranges that machines may enrol from; none: from anywhere.' }),
    revokedAt: nullableInstant.meta({ description: 'Since when it is good for nothing; null: it was not withdrawn.' }),
  })
  .meta({ id: 'EnrolmentToken' });

export const listEnrolmentTokens = {
  name: 'listEnrolmentTokens',
  summary: 'Enrolment tokens, without their secrets; used up, expired and withdrawn ones too.',
  method: 'GET',
  path: '/enrolment-tokens',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z.object({ items: z.array(enrolmentToken) }).meta({ id: 'EnrolmentTokenList' }),
} as const satisfies Contract;

export const createEnrolmentToken = {
  name: 'createEnrolmentToken',
  summary: 'Makes a token with which machines enrol, a bounded number of times.',
  method: 'POST',
  path: '/enrolment-tokens',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      uses: z.int().default(1),
      lifetimeSeconds: z.int().default(86_400),
      tags: z.array(z.string().min(1).max(100)).max(50).default([]),
      addresses: z.array(z.string().min(1).max(60)).max(100).default([]),
    })
    .meta({ id: 'NewEnrolmentToken' }),
  status: 201,
  reply: enrolmentToken
    .extend({ token: z.string().meta({ description: 'Shown this once.' }) })
    .meta({ id: 'CreatedEnrolmentToken' }),
} as const satisfies Contract;

export const revokeEnrolmentToken = {
  name: 'revokeEnrolmentToken',
  summary: 'Withdraws a token for good, at once; machines that have enrolled with it stay.',
  method: 'DELETE',
  path: '/enrolment-tokens/{id}',
  parameters: z.strictObject({ id: z.string().max(100) }),
  query: nothing,
  body: null,
  status: 200,
  reply: enrolmentToken,
} as const satisfies Contract;

export const readEnrolment = {
  name: 'readEnrolment',
  summary: 'What a machine has to know to enrol, beside a token: where this server is, and who vouches for it.',
  method: 'GET',
  path: '/enrolment',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      servers: z.array(z.string()).meta({ description: 'https addresses, the first one first.' }),
      authority: z.string().nullable().meta({
        description:
          'PEM, for `custody agent enroll --ca`; null: an administrator gave the certificate, and knows who signed it.',
      }),
    })
    .meta({ id: 'Enrolment' }),
} as const satisfies Contract;
