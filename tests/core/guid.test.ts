import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import { endpointNumberOf, fileGuid, isMachineGuid, machineGuid, parseGuid } from '#core/file/guid.ts';

const endpoint = 2111376845 as EndpointNumber;

describe('a GUID', () => {
  test('is read in both spellings of the vendor, to the same value', () => {
    expect(parseGuid('fdkNzc2Ech1NDBU0') as string).toBe('2111376845.-3637657128836262604');
    expect(parseGuid('2111376845.-3637657128836262604') as string).toBe('2111376845.-3637657128836262604');
    expect(parseGuid('Q127xRCi55eyTiwX') as string).toBe('1130216389.1198775089551518743');
  });

  test('is refused when a half does not fit its integer', () => {
    for (const text of ['2147483648.1', '1.9223372036854775808', '1.', '.1', '', 'a.b', '1.1.1', '1 .1']) {
      expect(parseGuid(text)).toBeUndefined();
    }
  });

  test('of a file is the same for the same endpoint and path, and another for any other', () => {
    expect(fileGuid(endpoint, parsePath('/a'))).toBe(fileGuid(endpoint, parsePath('/a')));
    expect(fileGuid(endpoint, parsePath('/a'))).not.toBe(fileGuid(endpoint, parsePath('/b')));
    expect(fileGuid(endpoint, parsePath('/a'))).not.toBe(fileGuid(123456789 as EndpointNumber, parsePath('/a')));
  });

  test('of a file was not changed by a new version: clients keep them', () => {
    expect(fileGuid(endpoint, parsePath('/opt/tool')) as string).toBe('2111376845.1846874195861034752');
  });

  test('of a file reads back, with the endpoint in front', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const guid = fileGuid(endpoint, parsePath(`/${text.replaceAll('\0', '')}`));
        return parseGuid(guid) === guid && endpointNumberOf(guid) === endpoint;
      }),
    );
  });

  test('of a machine ends as every machine of the vendor does, and matches what clients look for', () => {
    expect(isMachineGuid(machineGuid(endpoint))).toBe(true);
    expect(machineGuid(endpoint)).toMatch(/^(-?\d{9,10}\.-?\d{19})$/);
  });
});
