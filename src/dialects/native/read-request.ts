import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { demandShallowJson } from '#core/json-depth.ts';
import { type Call, readBody } from '../dialect.ts';
import type { CheckedInput, Contract } from './schemas/contract.ts';

const longestBody = 1024 * 1024;

/**
 * Checks a request against its contract. @throws Fault `invalid_json`, `too_large`, and `invalid_request` naming the
 * first field that is wrong
 */
export async function readRequest<Of extends Contract>(contract: Of, call: Call): Promise<CheckedInput<Of>> {
  const parameters = check(contract.parameters, call.parameters, 'path');
  const query = check(contract.query, queryOf(contract.query, call.request), 'query');
  const body = contract.body === null ? undefined : check(contract.body, await jsonOf(call.request), 'body');
  return { parameters, query, body } as CheckedInput<Of>;
}

/** A field that the contract has as a list takes every value of a repeated name; any other takes the last one. */
function queryOf(schema: z.ZodObject, request: Request): Record<string, unknown> {
  const { searchParams } = new URL(request.url);
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = searchParams.getAll(name);
      return [name, isList(schema.shape[name]) ? values : values.at(-1)];
    }),
  );
}

function isList(field: unknown): boolean {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault) {
    return isList(field.unwrap());
  }
  return field instanceof z.ZodArray;
}

async function jsonOf(request: Request): Promise<unknown> {
  const text = await readBody(request, longestBody);
  demandShallowJson(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid_json', 'The body is not JSON.', { cause });
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
  const result = checkShape(schema, value);
  if (result.success) {
    return result.data;
  }
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const subject = field === '' ? `The ${place}` : field;
  const details = field === '' ? { in: place } : { in: place, field };
  throw new Fault('invalid_request', `${subject}: ${issue?.message ?? 'is invalid'}.`, { details });
}
