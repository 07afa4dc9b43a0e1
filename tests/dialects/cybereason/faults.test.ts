import { describe, expect, test } from 'bun:test';
import { Fault, type FaultCode, faultCodes } from '#core/fault.ts';
import { renderFault } from '#dialects/cybereason/faults.ts';
import { origin } from './world.ts';

const inner = 'connection to 10.0.0.5 refused';
const enveloped: Partial<Record<FaultCode, string>> = {
  invalid_request: 'FAILURE',
  no_target: 'FAILURE',
  conflict: 'FAILURE',
  limit_exceeded: 'QUERY_LIMIT_CROSSED',
  evidence_unavailable: 'NO_SERVERS_CONFIGURED',
  timeout: 'TIMEOUT_ERROR',
};
const statuses: Partial<Record<FaultCode, number>> = {
  invalid_json: 400,
  unauthenticated: 302,
  licence_required: 403,
  permission_denied: 403,
  not_found: 404,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
};

describe('Each fault has the answer that clients know', () => {
  for (const code of faultCodes) {
    test(code, async () => {
      const answer = renderFault(new Fault(code, inner), new Request(`${origin}/rest/fetchfile/start`));
      const text = await answer.text();
      expect(answer.status).toBe(statuses[code] ?? 200);
      expect(text === '' ? undefined : JSON.parse(text).status).toBe(
        code === 'unauthenticated' ? undefined : (enveloped[code] ?? 'FAILURE'),
      );
      expect(answer.status >= 500 && text.includes(inner)).toBe(false);
    });
  }

  test('a query that failed has no data, the other calls have false', async () => {
    const render = async (path: string) =>
      renderFault(new Fault('timeout', ''), new Request(`${origin}${path}`)).json() as Promise<object>;
    expect(await render('/rest/visualsearch/query/simple')).not.toHaveProperty('data');
    expect(await render('/rest/fetchfile/start')).toHaveProperty('data', false);
  });

  test('what is no envelope to its readers is 500: a download and a log-in', () => {
    for (const path of ['/rest/fetchfile/getfiles/1', '/login.html']) {
      expect(renderFault(new Fault('timeout', ''), new Request(`${origin}${path}`)).status).toBe(500);
    }
  });

  test('a direct fetch has 200 for a missing file alone', () => {
    for (const code of faultCodes.filter((each) => each !== 'unauthenticated')) {
      const answer = renderFault(new Fault(code, ''), new Request(`${origin}/rest/file-search/fetch-direct`));
      expect(answer.status).toBeGreaterThan(399);
      expect(answer.headers.get('content-disposition')).toBeNull();
    }
  });

  test('an unknown batch is 500, and its message is told', async () => {
    const fault = new Fault('not_found', 'no such batch', { details: { what: 'batch' } });
    const answer = renderFault(fault, new Request(`${origin}/rest/fetchfile/close/1`));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ message: 'no such batch' });
  });

  test('whoever is slowed down is told for how long', () => {
    const fault = new Fault('rate_limited', '', { details: { retryAfterSeconds: 60 } });
    expect(renderFault(fault, new Request(`${origin}/rest/x`)).headers.get('retry-after')).toBe('60');
  });
});
