import { Fault } from '#core/fault.ts';
import { demandShallowJson } from '#core/json-depth.ts';
import { readBody } from '../dialect.ts';

const mebibyte = 1024 * 1024;
const longestBody = 32 * mebibyte;

/**
 * The body as JSON, whatever its content type says: several clients send none.
 * @throws Fault `invalid_json`, `too_large`
 */
export async function readJson(request: Request): Promise<unknown> {
  return parse(await readBody(request, longestBody));
}

/** As `readJson`; a body that is not there is an empty object. */
export async function readJsonIfAny(request: Request): Promise<unknown> {
  const text = await readBody(request, longestBody);
  return text.trim() === '' ? {} : parse(text);
}

function parse(text: string): unknown {
  demandShallowJson(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid_json', 'The body is not valid JSON.', { cause });
  }
}
