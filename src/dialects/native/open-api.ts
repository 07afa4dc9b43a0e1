import { z } from 'zod';
import type { FaultCode } from '#core/fault.ts';
import { version } from '#core/version.ts';
import { faultRenderings } from './faults.ts';
import type { NativeOperation } from './operation.ts';
import { type BinaryReply, basePath, takesIdempotencyKey } from './schemas/contract.ts';
import { problem, problemMediaType } from './schemas/problem.ts';

type Json = Record<string, unknown>;

/** Schemas by name, collected while the paths are written. */
type Components = Record<string, unknown>;

/** OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), from the very contracts that requests are checked against. */
export function openApiDocument(operations: readonly NativeOperation[]): Json {
  const components: Components = {};
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const { path, method } = operation.contract;
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Custody',
      version,
      description: 'The native API. Names and paths that come from endpoints are hostile text: escape before showing.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: basePath }],
    security: [{ session: [] }, { key: [] }],
    paths,
    components: { schemas: components, securitySchemes },
  };
}

const securitySchemes = {
  session: { type: 'http', scheme: 'bearer', description: 'The token that `logIn` returned.' },
  key: { type: 'apiKey', in: 'header', name: 'authorization', description: '`Custody-Key ID:SECRET`, a standard key.' },
} as const;

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 257 },
  description:
    'A text of the client’s own in double quotes, such as a UUID: within 24 hours the same request under it is answered as at first, with `Idempotent-Replayed: true`, and carried out once; another is 422, and one that is still running 409.',
} as const;

function describe({ contract, access }: NativeOperation, components: Components): Json {
  const { name, summary, path, body, example } = contract;
  const parameters = [
    ...parametersOf(contract.parameters, 'path', components),
    ...parametersOf(contract.query, 'query', components),
    ...(takesIdempotencyKey(contract) ? [idempotencyKey] : []),
  ];
  const guard =
    'permission' in access
      ? { 'x-permission': access.permission, 'x-licences': access.licence }
      : { 'x-open': access.open, security: [] };
  return {
    operationId: name,
    summary,
    description: descriptionOf({ contract, access }),
    tags: [path.split('/')[1]],
    ...guard,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== null && { requestBody: { required: true, content: jsonContent(body, components, example) } }),
    responses: responsesOf({ contract, access }, components),
  };
}

type Described = Pick<NativeOperation, 'contract' | 'access'>;

/** What the contract says, and what the operation demands. */
function descriptionOf({ contract, access }: Described): string {
  const demand =
    'permission' in access
      ? [
          `Needs the permission \`${access.permission}\`${access.reach === 'fleet' ? ' and sight of the whole fleet' : ''}.`,
          ...(access.licence.length > 0 ? [`Needs one of the licences ${access.licence.join(', ')}.`] : []),
        ]
      : [`Needs no permission: ${access.open}`.replace(/\.?$/, '.')];
  return [...(contract.description === undefined ? [] : [contract.description]), ...demand].join(' ');
}

function responsesOf({ contract, access }: Described, components: Components): Json {
  const { status, reply } = contract;
  const content = reply === null ? {} : { content: contentOf(reply, components) };
  const failure = { [problemMediaType]: { schema: schemaOf(problem, components) } };
  const byStatus = Map.groupBy(expectedFaults({ contract, access }), (code) => faultRenderings[code].status);
  const failures = [...byStatus].map(([code, faults]) => {
    const description = faults.map((fault) => `${faultRenderings[fault].title} (\`${fault}\`)`).join(', or: ');
    return [String(code), { description: `${description}.`, content: failure }] as const;
  });
  return {
    [status]: { description: 'It worked.', ...content },
    ...Object.fromEntries(failures),
    default: { description: 'Any other failure; RFC 9457.', content: failure },
  };
}

/** What a client has to reckon with, by what the operation takes and demands. */
function expectedFaults({ contract, access }: Described): readonly FaultCode[] {
  const { parameters, query, body } = contract;
  const takes = (object: z.ZodObject) => Object.keys(object.shape).length > 0;
  const isGuarded = 'permission' in access;
  const faults: Partial<Record<FaultCode, boolean>> = {
    invalid_json: body !== null,
    invalid_request: body !== null || takes(parameters) || takes(query),
    unauthenticated: true,
    licence_required: isGuarded && access.licence.length > 0,
    permission_denied: isGuarded,
    not_found: takes(parameters),
    conflict: takesIdempotencyKey(contract),
    too_large: body !== null,
    no_target: body !== null && isGuarded,
    limit_exceeded: body !== null && isGuarded,
    key_reused: takesIdempotencyKey(contract),
    rate_limited: true,
    unavailable: true,
  };
  return (Object.keys(faultRenderings) as FaultCode[]).filter((code) => faults[code] === true);
}

function contentOf(reply: z.ZodType | BinaryReply, components: Components): Json {
  return reply instanceof z.ZodType ? jsonContent(reply, components) : { [reply.mediaType]: {} };
}

function jsonContent(schema: z.ZodType, components: Components, example?: unknown): Json {
  const shown = example === undefined ? {} : { example };
  return { 'application/json': { schema: schemaOf(schema, components), ...shown } };
}

function parametersOf(object: z.ZodObject, place: 'path' | 'query', components: Components): readonly Json[] {
  return Object.entries(object.shape).map(([name, field]) => {
    const { description, ...schema } = schemaOf(field as z.ZodType, components);
    const required = place === 'path' || !(field as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, schema, ...(description !== undefined && { description }) };
  });
}

/** Named schemas go into the components; what is left refers to them. */
function schemaOf(schema: z.ZodType, components: Components): Json {
  const { $schema: _dialect, $defs: named, ...own } = z.toJSONSchema(schema, { io: 'input' });
  Object.assign(components, pointToComponents(named ?? {}));
  return pointToComponents(own);
}

function pointToComponents(schema: unknown): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
