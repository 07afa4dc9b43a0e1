import { z } from 'zod';
import { version } from '#core/version.ts';
import type { NativeOperation } from './operation.ts';
import { type BinaryReply, basePath, type Contract, takesIdempotencyKey } from './schemas/contract.ts';
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
  const { name, summary, path, body } = contract;
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
    tags: [path.split('/')[1]],
    ...guard,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== null && { requestBody: { required: true, content: jsonContent(body, components) } }),
    responses: responsesOf(contract, components),
  };
}

function responsesOf({ status, reply }: Contract, components: Components): Json {
  const content = reply === null ? {} : { content: contentOf(reply, components) };
  const failure = { [problemMediaType]: { schema: schemaOf(problem, components) } };
  return {
    [status]: { description: 'It worked.', ...content },
    default: { description: 'It did not; RFC 9457.', content: failure },
  };
}

function contentOf(reply: z.ZodType | BinaryReply, components: Components): Json {
  return reply instanceof z.ZodType ? jsonContent(reply, components) : { [reply.mediaType]: {} };
}

function jsonContent(schema: z.ZodType, components: Components): Json {
  return { 'application/json': { schema: schemaOf(schema, components) } };
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
