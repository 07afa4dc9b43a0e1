import { isInRanges } from '../access/address-range.ts';

/** What is not the public internet, or leads into it by a way round (IANA's registries of special-purpose addresses). */
const special = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'],
];

/** All that is unicast and global: what is beyond it, 64:ff9b::/96 with IPv4 addresses in it among them, is not public. */
const globalSix = ['2000::/3'];
const everyFour = ['0.0.0.0/0'];

/** Whether an address is somebody's on the public internet; never for what is no address. IPv4 within IPv6 is IPv4. */
export function isPublicAddress(address: string): boolean {
  const isGlobal = isInRanges(address, everyFour) || isInRanges(address, globalSix);
  return isGlobal && !isInRanges(address, special);
}

/** Whether it cannot leave this machine. */
export function isLoopbackAddress(address: string): boolean {
  return isInRanges(address, ['127.0.0.0/8', '::1/128']);
}
