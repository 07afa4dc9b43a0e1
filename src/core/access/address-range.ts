import { z } from 'zod';

/** An address as a number of `bits` bits; an IPv4 address that is written within IPv6 is the IPv4 address. */
interface Address {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

const longest = 60;
const mappedPrefix = 0xffffn;

/**
 * One address, or a range as RFC 4632 and RFC 4291 write them: `192.0.2.0/24`, `2001:db8::/32`. Bits behind the prefix are not
 * looked at.
 */
export const addressRangeSchema = z
  .string()
  .max(longest)
  .refine(isRange, 'must be an address or a range, for example 192.0.2.0/24');

/** Whether an address is in one of the ranges. What is no address, the server's own socket for one, is in none. */
export function isInRanges(address: string, ranges: readonly string[]): boolean {
  const parsed = parseAddress(address);
  return (
    parsed !== undefined &&
    ranges.some((text) => {
      const range = parseRange(text);
      return range?.bits === parsed.bits && (parsed.value ^ range.value) >> BigInt(range.bits - range.prefix) === 0n;
    })
  );
}

/** Whether a text is an address or a range of addresses. */
export function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

function parseRange(text: string): (Address & { readonly prefix: number }) | undefined {
  const [, base = '', digits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(base);
  const prefix = digits === undefined ? address?.bits : Number(digits);
  return address === undefined || prefix === undefined || prefix > address.bits ? undefined : { ...address, prefix };
}

/** The address itself, or its network of 64 bits: whoever has one address of IPv6 has all of those. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed?.bits !== 128) {
    return address;
  }
  const groups = [112n, 96n, 80n, 64n].map((below) => ((parsed.value >> below) & 0xffffn).toString(16));
  return `${groups.join(':')}::/64`;
}

/** Undefined for what is no address. */
function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = parseFour(text);
    return value === undefined ? undefined : { value, bits: 32 };
  }
  const value = parseSix(text);
  if (value === undefined) {
    return undefined;
  }
  return value >> 32n === mappedPrefix ? { value: value & 0xffffffffn, bits: 32 } : { value, bits: 128 };
}

function parseFour(text: string): bigint | undefined {
  const parts = text.split('.');
  const isWhole = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isWhole ? parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) : undefined;
}

function parseSix(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::');
  const before = tail !== undefined && head.includes('.') ? undefined : groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  if (before === undefined || after === undefined || more.length > 0) {
    return undefined;
  }
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) {
    return undefined;
  }
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after];
  return groups.reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** The last of them may be an IPv4 address, which is two. */
function groupsOf(text: string): readonly bigint[] | undefined {
  const groups: bigint[] = [];
  for (const part of text === '' ? [] : text.split(':')) {
    const four = part.includes('.') ? parseFour(part) : undefined;
    if (four !== undefined && text.endsWith(part)) {
      groups.push(four >> 16n, four & 0xffffn);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return groups;
}
