import type { Client } from '#sdk/client.ts';

type CreatedKey = Awaited<ReturnType<Client['createKey']>>;

interface Example {
  readonly title: string;
  readonly text: string;
}

const cortexPath = '/public_api/v1/endpoints/get_endpoints';

/** Ready to be pasted where `ca.pem`, the server's authority, lies. */
export function examplesOf({ id, secret, level }: CreatedKey, server: string): readonly Example[] {
  return level === 'standard'
    ? [
        {
          title: 'Custody’s own API, with curl',
          text: `curl --cacert ca.pem ${server}/api/v1/me \\\n  -H 'authorization: Custody-Key ${id}:${secret}'`,
        },
        {
          title: 'Cortex XDR API, with curl',
          text: [
            `curl --cacert ca.pem ${server}${cortexPath} \\`,
            `  -H 'x-xdr-auth-id: ${id}' -H 'authorization: ${secret}' \\`,
            `  -H 'content-type: application/json' -d '{}'`,
          ].join('\n'),
        },
      ]
    : [
        { title: 'Custody’s own API, signed, with curl', text: signed(id, secret, `${server}/api/v1/me`) },
        {
          title: 'Cortex XDR API, signed, with curl',
          text: `${signed(id, secret, `${server}${cortexPath}`)} \\\n  -H 'content-type: application/json' -d '{}'`,
        },
      ];
}

/** SHA-256 over key, nonce and time, as the vendor's pages have it. */
function signed(id: number, secret: string, address: string): string {
  return [
    `key='${secret}'`,
    'nonce=$(openssl rand -hex 32)',
    'now=$(date +%s)000',
    `signature=$(printf %s "$key$nonce$now" | sha256sum | cut -d ' ' -f 1)`,
    `curl --cacert ca.pem ${address} \\`,
    `  -H 'x-xdr-auth-id: ${id}' -H "x-xdr-nonce: $nonce" \\`,
    `  -H "x-xdr-timestamp: $now" -H "authorization: $signature"`,
  ].join('\n');
}
