/** An address for each number, no two of one network: of IPv6 whole networks are counted, not addresses. */
export function strangerAddress(number: number): string {
  const [upper, lower] = [number >>> 16, number & 0xffff];
  return `2001:db8:${upper.toString(16)}:${lower.toString(16)}::1`;
}
