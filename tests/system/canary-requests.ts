/** What is sent to a server over HTTPS. */
export interface Sent {
  readonly path: string;
  readonly init: RequestInit;
}

export interface Credentials {
  /** Each opens its own API. */
  readonly native: Readonly<Record<string, string>>;
  readonly cortex: Readonly<Record<string, string>>;
  readonly cybereason: Readonly<Record<string, string>>;
}

type Headers = Readonly<Record<string, string>>;

const json = { 'content-type': 'application/json' } as const;

function post(path: string, body: string, headers: Headers = {}): Sent {
  return { path, init: { method: 'POST', headers: { ...json, ...headers }, body } };
}

function get(path: string, headers: Headers = {}): Sent {
  return { path, init: { headers } };
}

/** Bodies in which a secret is where none belongs, or is cut off. */
function bodies(secret: string): readonly string[] {
  const text = JSON.stringify(secret);
  return [
    secret,
    text,
    `{"password": ${text}`,
    `{"password": ${secret}}`,
    `{"email": "ana@example.com", "password": ${text.slice(0, -1)}`,
    `{${text}: 1}`,
    `{"email": ${text}, "password": ${text}}`,
    `{"token": ${text}, "name": {"length": ${text}}, "role": ${text}, "request_data": ${text}}`,
    `{"request_data": {${text}: ${text}, "filters": ${text}}}`,
    `{"request_data": {"filters": [{"field": ${text}, "operator": ${text}, "value": [${text}]}]}}`,
    `{"queryPath": [{"requestedType": ${text}, "filters": [{"facetName": ${text}, "values": [${text}]}]}]}`,
    `[[${text}, NaN`,
  ];
}

/** Headers in which a secret is the wrong one, or in the wrong place. */
function headers(secret: string): readonly Headers[] {
  return [
    { authorization: secret },
    { authorization: `Bearer ${secret}x` },
    { authorization: `Basic ${Buffer.from(`ana:${secret}`).toString('base64')}` },
    { authorization: `Custody-Key 1:${secret}x` },
    { authorization: `Custody-Key ${secret}` },
    { 'x-xdr-auth-id': secret, authorization: '1' },
    { 'x-xdr-auth-id': '1', authorization: `${secret}x` },
    { 'x-xdr-auth-id': '1', authorization: secret, 'x-xdr-nonce': secret, 'x-xdr-timestamp': secret },
    { cookie: `JSESSIONID=${secret}x` },
    { cookie: secret, 'content-type': secret, accept: secret },
  ];
}

/** Everything that can be wrong with a request that carries a secret: on each surface, by strangers and by those with the right credential. */
export function requestsWith(secret: string, right: Credentials): readonly Sent[] {
  const inPath = encodeURIComponent(secret);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return [
    ...headers(secret).flatMap((each) => [
      get('/api/v1/endpoints', each),
      post('/public_api/v1/endpoints/get_endpoints', '{}', each),
      post('/rest/fetchfile/start', '{}', each),
      get('/metrics', each),
    ]),
    ...bodies(secret).flatMap((body) => [
      post('/api/v1/sessions', body),
      post('/api/v1/users', body, right.native),
      post('/api/v1/files/search', body, right.native),
      post('/public_api/v1/endpoints/get_endpoint', body, right.cortex),
      post('/api_keys/generate_api_key', body, right.cortex),
      post('/rest/visualsearch/query/simple', body, right.cybereason),
      post('/rest/sensors/query', body, right.cybereason),
      post('/login.html', body, form),
      post('/agent/v1/enroll', body),
    ]),
    ...[right.native, {}].flatMap((own) => [
      get(`/api/v1/${inPath}`, own),
      get(`/api/v1/actions/${inPath}`, own),
      get(`/api/v1/endpoints?limit=${inPath}`, own),
      get(`/api/v1/endpoints?${inPath}=1`, own),
      post('/api/v1/keys', '{}', { ...own, 'idempotency-key': secret }),
    ]),
    ...[right.cortex, {}].flatMap((own) => [
      get(`/public_api/v1/download/${inPath}x`, own),
      post(`/public_api/v1/download/${inPath}/x`, '{}', own),
      post(`/public_api/v1/${inPath}`, '{}', own),
    ]),
    ...[right.cybereason, {}].flatMap((own) => [
      get(`/rest/${inPath}`, own),
      get(`/rest/fetchfile/getfiles/${inPath}`, own),
      get(`/rest/fetchfile/close/1?token=${inPath}`, own),
    ]),
    ...[`username=${inPath}&password=x`, `username=ana%40example.com&password=${inPath}x`, `totpCode=${inPath}`].map(
      (body) => post('/login.html', body, form),
    ),
    { path: `/agent/v1/uploads/${inPath}/0`, init: { method: 'HEAD' } },
    get(`/agent/v1/${inPath}`),
    get(`/${inPath}?${inPath}`),
  ];
}
