/** What a client proves itself with: a session's token, or a standard API key. */
export type Credential =
  | { readonly token: string }
  | {
      readonly keyId: number;
      readonly secret: string;
    };

export function authorizationOf(credential: Credential): string {
  return 'token' in credential ? `Bearer ${credential.token}` : `Custody-Key ${credential.keyId}:${credential.secret}`;
}

/** Reads `ID:SECRET` as a key and anything else as a session's token. */
export function parseCredential(text: string): Credential {
  const match = /^(\d{1,9}):(.+)$/.exec(text);
  return match?.[1] !== undefined && match[2] !== undefined
    ? { keyId: Number(match[1]), secret: match[2] }
    : { token: text };
}
