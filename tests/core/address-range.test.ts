import { expect, test } from 'bun:test';
import { BlockList, isIP } from 'node:net';
import { addressRangeSchema, isInRanges, networkOf } from '#core/access/address-range.ts';
import { type Chance, seeded } from '#kit/chance.ts';

test.each([
  '',
  '1.2.3',
  '1.2.3.4/33',
  '1.2.3.256',
  '01.2.3.4',
  'a.b.c.d',
  '1.2.3.4/',
  '::/129',
  ':::',
  '1::2::3',
  '1:2',
  'g::',
  '1.2.3.4::',
  '::1.2.3',
  '/8',
])('"%s" is no range', (text) => {
  expect(addressRangeSchema.safeParse(text).success).toBe(false);
  expect(isInRanges('1.2.3.4', [text])).toBe(false);
});

function four(chance: Chance): string {
  return Array.from({ length: 4 }, () => chance.whole(255)).join('.');
}

function six(chance: Chance): string {
  const groups = Array.from({ length: 8 }, () => (chance.whole(2) === 0 ? 0 : chance.whole(65_535)).toString(16));
  const [at, length] = [chance.whole(7), 1 + chance.whole(6)];
  const isShort = chance.whole(1) === 1 && groups.slice(at, at + length).every((group) => group === '0');
  return isShort ? `${groups.slice(0, at).join(':')}::${groups.slice(at + length).join(':')}` : groups.join(':');
}

test('Ranges mean what the runtime takes them for: 20,000 pairs, near each other and far.', () => {
  const chance = seeded(26);
  for (let count = 0; count < 20_000; count += 1) {
    const [family, make] = chance.whole(1) === 0 ? (['ipv4', four] as const) : (['ipv6', six] as const);
    const base = make(chance);
    const address = chance.whole(1) === 0 ? make(chance) : base.replace(/[0-9a-f]$/, String(chance.whole(9)));
    const prefix = chance.whole(family === 'ipv4' ? 32 : 128);
    if (isIP(address) === 0 || base.startsWith('::ffff:') || address.startsWith('::ffff:')) {
      continue;
    }
    const list = new BlockList();
    list.addSubnet(base, prefix, family);
    const range = `${base}/${prefix}`;
    expect([range, address, isInRanges(address, [range])]).toEqual([range, address, list.check(address, family)]);
  }
});

test('IPv4 written within IPv6 is IPv4, and who has an address of IPv6 has its network.', () => {
  expect(isInRanges('::ffff:10.1.2.3', ['10.0.0.0/8'])).toBe(true);
  expect(isInRanges('10.1.2.3', ['::/0'])).toBe(false);
  expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8:0:0:ffff::9'));
  expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8::1'));
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect([networkOf('10.1.2.3'), networkOf('')]).toEqual(['10.1.2.3', '']);
});
