/** Loopback, link-local and private ranges of both families: an address that is none of them is seen from outside. */
const inside = [
  /^127\./,
  /^10\./,
  /^192\.168\./,
  /^172\.(?:1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^::1$/,
  /^fe[89ab][0-9a-f]:/i,
  /^f[cd][0-9a-f]{2}:/i,
];

export function isExternal(address: string): boolean {
  return !inside.some((range) => range.test(address));
}
