import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { roles } from '#core/access/role.ts';
import { actionIdSchema, taskIdSchema } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { longestPath, readPath } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { isIncidentId } from '#core/incident/incident-id.ts';

export const endpointId = endpointIdSchema.meta({ description: '32 hex digits.', pattern: '^[0-9a-f]{32}$' });

export const actionId = actionIdSchema.meta({ description: 'Digits only.', pattern: '^[1-9][0-9]{0,15}$' });

export const incidentId = z
  .string()
  .refine(isIncidentId, 'must be digits')
  .meta({ description: 'Digits only.', pattern: '^[1-9][0-9]{0,15}$' });

export const taskId = taskIdSchema.meta({ description: '32 hex digits.', pattern: '^[0-9a-f]{32}$' });

export const sha256 = sha256Schema.meta({ description: 'SHA-256 in hex.', pattern: '^[0-9a-fA-F]{64}$' });

/** Of what was looked at, repeated by whoever goes on with just that. */
export const digest = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hex digits')
  .meta({ description: 'As it was read.' });

export const sha1 = sha1Schema.meta({ description: 'SHA-1 in hex.', pattern: '^[0-9a-fA-F]{40}$' });

export const md5 = md5Schema.meta({ description: 'MD5 in hex.', pattern: '^[0-9a-fA-F]{32}$' });

export const vaultObject = vaultObjectIdSchema.meta({
  description: 'A UUID: one file in one vault.',
  pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
});

export const guid = z
  .string()
  .min(1)
  .max(64)
  .meta({
    description: 'GUID of a file: endpoint number, point, 64-bit number.',
    examples: ['1234567890.-4611686018427387904'],
  });

/** Whose doing something was. */
export const actor = z.object({
  kind: z.enum([...principalKinds, 'agent', 'server']),
  id: z.string(),
  name: z.string(),
});

/** Four characters, `\xNN`, may stand for each byte of a path. */
const longestDisplayedPath = 4 * longestPath;

const isPath = (text: string) => readPath(text) !== undefined;

export const path = z
  .string()
  .min(1)
  .max(longestDisplayedPath)
  .refine(isPath, `must be 1 to ${longestPath} bytes with no NUL`)
  .meta({
    description: 'Absolute path on the endpoint, on one line. Bytes that are no printable UTF-8 are written `\\xNN`.',
  });

/** Paths that come from endpoints are shown as they were stored, whatever their length. */
export const shownPath = z.string().meta({
  description: 'Path on the endpoint, on one line. Bytes that are no printable UTF-8 are written `\\xNN`.',
});

/** In a query. */
export const pathContains = z.string().min(1).max(1_024).optional().meta({
  description: 'Part of the path as it is shown, in any case.',
});

/** Optional here; a server may be set to demand it. */
/** Why, where it must be said. */
export const givenReason = z.string().trim().min(1).max(1_000);

export const reason = givenReason.optional().meta({
  description: 'Why, for the record. A server may demand it (CUSTODY_REASON).',
});

/** Those that every server has. */
export const builtInRoleName = z.enum(roles);

export const roleName = z.string().max(256).meta({
  description: 'Of a built-in role or one that an administrator made.',
});

/** Of keys and users. */
export const scopeTags = z.array(z.string()).nullable().meta({
  description: 'Limited to endpoints that bear one of these tags; null: not limited.',
});

export const instant = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339 time.' });

export const nullableInstant = instant.nullable();
