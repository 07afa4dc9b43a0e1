const base = '/public_api/v1';

/** The paths of one call, without and with the trailing slash: a redirect would lose the body. */
export function callPaths(call: string, ...olderCalls: readonly string[]): readonly string[] {
  return [call, ...olderCalls].flatMap((name) => bothEnds(`${base}/${name}`));
}

export function bothEnds(path: string): readonly string[] {
  return [path, `${path}/`];
}
