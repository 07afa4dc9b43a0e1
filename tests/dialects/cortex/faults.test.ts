import { describe, expect, test } from 'bun:test';
import { Fault, type FaultCode, faultCodes } from '#core/fault.ts';
import { renderFault } from '#dialects/cortex/faults.ts';

const statuses: Record<FaultCode, number> = {
  invalid_json: 400,
  invalid_request: 500,
  unauthenticated: 401,
  licence_required: 402,
  permission_denied: 403,
  not_found: 500,
  no_target: 500,
  limit_exceeded: 500,
  conflict: 500,
  key_reused: 500,
  too_large: 413,
  rate_limited: 429,
  evidence_unavailable: 500,
  evidence_damaged: 500,
  evidence_deleted: 404,
  timeout: 500,
  unavailable: 500,
  internal: 500,
};

describe("faults in the vendor's envelope", () => {
  for (const code of faultCodes) {
    test(`${code} is ${statuses[code]}, with the three keys that clients format`, async () => {
      const response = renderFault(new Fault(code, 'What happened.'));
      expect(response.status).toBe(statuses[code]);
      const body = (await response.json()) as { reply: Record<string, unknown> };
      expect(Object.keys(body.reply)).toEqual(['err_code', 'err_msg', 'err_extra']);
      expect(body.reply['err_code']).toBe(statuses[code]);
    });
  }

  for (const code of ['internal', 'unavailable', 'timeout', 'unauthenticated'] as const) {
    test(`${code} keeps its inner message for the log`, async () => {
      const cause = new Error('SQLITE_CORRUPT in /var/lib');
      expect(await renderFault(new Fault(code, 'inner words', { cause })).text()).not.toMatch(/inner|SQLITE/);
    });
  }

  for (const what of ['path', 'link']) {
    test(`an unknown ${what} is 404`, () => {
      expect(renderFault(new Fault('not_found', 'Nothing.', { details: { what } })).status).toBe(404);
    });
  }
});
