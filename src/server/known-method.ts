const knownMethods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Whatever clients make up is one word in logs and metrics: it must not be many, or a secret. */
export function knownMethod(method: string): string {
  return knownMethods.includes(method) ? method : 'other';
}
