import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { operations } from '#dialects/cortex/operations.ts';
import { type CortexWorld, openWorld } from './world.ts';

let world: CortexWorld;
let headers: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await openWorld();
  headers = await world.key('Instance Administrator');
});

afterAll(() => world[Symbol.asyncDispose]());

/** The calls that read a body, by their documented path; what a download is sent says nothing. */
const reading = operations.flatMap(({ method, paths: [path = ''], access }) =>
  method === 'POST' && 'permission' in access && !path.includes('/download/') ? [path] : [],
);

/** Those that real connectors send without `request_data`, or without any body. */
const content = [
  '/public_api/v1/endpoints/get_endpoints',
  '/public_api/v1/endpoints/get_endpoint',
  '/public_api/v1/api_keys/get_api_keys',
  '/public_api/v1/system/get_tenant_info',
  '/public_api/v1/distributions/get_versions',
  '/public_api/v1/rbac/get_users',
  '/public_api/v1/scripts/get_scripts',
  '/public_api/v1/configurations/agent/action_center_expiration',
  '/public_api/v1/incidents/get_incidents',
  '/public_api/v1/alerts/get_alerts_multi_events',
  '/public_api/v1/audits/management_logs',
  '/public_api/v1/audits/agents_reports',
];

const missing = {
  reply: {
    err_code: 500,
    err_msg: 'An unexpected behavior occurred by Cortex Pubic API',
    err_extra: 'Missing required param: `request_data`',
  },
};

async function answerTo(path: string, body?: string) {
  const answer = await world.send({ path, headers, ...(body !== undefined && { body }) });
  expect(answer.headers.get('content-type')).toBe('application/json');
  return {
    status: answer.status,
    body: (await answer.json()) as { readonly reply: Readonly<Record<string, unknown>> },
  };
}

describe('400: a body that is no JSON', () => {
  test.each(reading.map((path) => [path]))('%s', async (path) => {
    for (const body of ['{', '{"request_data": {}', "{'request_data': {}}", '\u0000']) {
      expect(await answerTo(path, body)).toEqual({
        status: 400,
        body: {
          reply: {
            err_code: 400,
            err_msg: 'Bad Request. Got an invalid JSON.',
            err_extra: 'The body of the request is no JSON.',
          },
        },
      });
    }
  });
});

describe('500: no request_data, in the words that the vendor has for it', () => {
  test.each(reading.filter((path) => !content.includes(path)).map((path) => [path]))('%s', async (path) => {
    for (const body of [undefined, '', '{}', 'null', '{"request_data": null}', '{"filters": []}']) {
      expect(await answerTo(path, body)).toEqual({ status: 500, body: missing });
    }
  });

  test('is nothing to those calls that are sent without', async () => {
    for (const path of content.filter((each) => reading.includes(each))) {
      for (const body of [undefined, '', '{}', '{"request_data": {}}', '{"request_data": null}']) {
        expect([path, (await answerTo(path, body)).status]).toEqual([path, 200]);
      }
    }
  });
});

describe('500: a body or a request_data that is no object', () => {
  test.each(reading.map((path) => [path]))('%s', async (path) => {
    for (const body of ['[]', '3', '"x"', '{"request_data": []}', '{"request_data": "x"}']) {
      const answer = await answerTo(path, body);
      expect(answer).toMatchObject({ status: 500, body: { reply: { err_code: 500 } } });
      expect(answer.body.reply['err_extra']).toEndWith('must be an object');
    }
  });
});

describe('404: a path that is none', () => {
  const paths = [
    'public_api/v1',
    'public_api/v1/',
    'public_api/v2/endpoints/restore',
    'public_api/v1//endpoints/restore',
  ];
  const odd = [
    'public_api/v1/%00',
    'public_api/v1/endpoints/restore/x',
    'public_api/v1/ENDPOINTS/restore',
    'api_keys/',
  ];
  test.each([...paths, ...odd].map((path) => [path]))('/%s', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const answer = await world.send({ method, path: `/${path}`, headers: {} });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        reply: { err_code: 404, err_extra: expect.stringContaining(method) },
      });
    }
  });

  test('is a method too that a call has not', async () => {
    const answer = await world.send({ method: 'GET', path: '/public_api/v1/endpoints/restore', headers });
    expect(answer.status).toBe(404);
  });
});

test('413: more than 32 MiB', async () => {
  const body = JSON.stringify({ request_data: { file_hash: 'a'.repeat(32 * 1024 * 1024) } });
  expect(await answerTo('/public_api/v1/endpoints/restore', body)).toEqual({
    status: 413,
    body: {
      reply: {
        err_code: 413,
        err_msg: 'An error occurred while processing XDR public API',
        err_extra: 'The body has more than 33554432 bytes.',
      },
    },
  });
});

test('500: what the store fails at is told without its inner words', async () => {
  const broken = await openWorld();
  const key = await broken.key('Viewer');
  await broken.ports.store.close();
  const answer = await broken.send({ path: '/public_api/v1/endpoints/get_endpoints', headers: key });
  expect(answer.status).toBe(500);
  const { reply } = (await answer.json()) as { readonly reply: Readonly<Record<string, unknown>> };
  expect(Object.keys(reply)).toEqual(['err_code', 'err_msg', 'err_extra']);
  expect(String(reply['err_extra'])).toMatch(/^The server (is not ready\. Try again\.|log has the details\.)$/);
  await rm(broken.ports.directory, { recursive: true });
});
