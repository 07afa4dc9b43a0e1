import { describe, expect, test } from 'bun:test';
import { attribute } from '#agent/platform/windows/constants.ts';
import {
  attributeTagBytes,
  basicBytes,
  fullSizeBytes,
  idBytes,
  readAttributeTag,
  readBasic,
  readDeviceType,
  readFreeBytes,
  readId,
  readNames,
  readStandard,
  readStreams,
  standardBytes,
  writeBasic,
} from '#agent/platform/windows/file-information.ts';
import { fromUtf16, objectAttributes, utf16 } from '#agent/platform/windows/object-attributes.ts';
import { deleteInformation, oldDeleteInformation, renameInformation } from '#agent/platform/windows/set-information.ts';

/** Hex with blanks between the fields, in the order of the structure's definition in the Windows headers. */
function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

function hexOf(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}

describe('what is asked for by address', () => {
  test('a name is OBJECT_ATTRIBUTES with a UNICODE_STRING with UTF-16 units', () => {
    const addresses = new Map<Uint8Array, bigint>();
    const addressOf = (buffer: Uint8Array) => {
      const address = 0x1000n * BigInt(addresses.size + 1);
      addresses.set(buffer, address);
      return address;
    };
    const { attributes, held } = objectAttributes({ root: 0x44n, name: 'aé' }, addressOf);
    expect(hexOf(attributes)).toBe(
      hexOf(
        bytes(`30000000 00000000 4400000000000000 0020000000000000
          40000000 00000000 0000000000000000 0000000000000000`),
      ),
    );
    const [units = new Uint8Array(), string = new Uint8Array()] = held;
    expect(hexOf(units)).toBe('6100e9000000');
    expect(hexOf(string)).toBe(hexOf(bytes('0400 0600 00000000 0010000000000000')));
    expect([addresses.get(units), addresses.get(string)]).toEqual([0x1000n, 0x2000n]);
  });

  test('UTF-16 keeps half a surrogate pair', () => {
    expect(hexOf(utf16('\ud800x'))).toBe('00d878000000');
    expect(fromUtf16(utf16('\ud800x'))).toBe('\ud800x\0');
  });

  test('a rename names the directory and the name, and replaces nothing', () => {
    expect(hexOf(renameInformation(0x48n, 'ab'))).toBe(
      hexOf(bytes('00000000 00000000 4800000000000000 04000000 61006200 0000')),
    );
  });

  test('a deletion takes the name at once, and one for old systems when all have let go', () => {
    expect(hexOf(deleteInformation())).toBe('13000000');
    expect(hexOf(oldDeleteInformation())).toBe('01');
  });
});

describe('what is answered', () => {
  test('FILE_BASIC_INFORMATION, both ways', () => {
    const said = bytes('0100000000000000 0200000000000000 0300000000000000 0400000000000000 21060000 00000000');
    expect(said.length).toBe(basicBytes);
    const read = readBasic(said);
    expect(read).toEqual({ created: 1n, accessed: 2n, written: 3n, changed: 4n, attributes: 0x621 });
    expect(hexOf(writeBasic(read))).toBe(hexOf(said));
    expect(hexOf(writeBasic({ attributes: attribute.readOnly }))).toBe(`${'00'.repeat(32)}0100000000000000`);
  });

  test('FILE_STANDARD_INFORMATION', () => {
    const said = bytes('0010000000000000 0b00000000000000 03000000 01 00 0000');
    expect(said.length).toBe(standardBytes);
    expect(readStandard(said)).toEqual({
      allocated: 4096n,
      size: 11n,
      links: 3,
      deletePending: true,
      directory: false,
    });
    expect(readStandard(bytes(`${'00'.repeat(21)}010000`)).directory).toBe(true);
  });

  test('FILE_ID_INFORMATION, all 128 bits of it', () => {
    const said = bytes('efcdab8967452301 1000000000000000 2000000000000000');
    expect(said.length).toBe(idBytes);
    expect(readId(said)).toEqual({ volume: 0x0123456789abcdefn, file: 0x20_0000_0000_0000_0010n });
  });

  test('FILE_ATTRIBUTE_TAG_INFORMATION of a junction', () => {
    const said = bytes('10040000 030000a0');
    expect(said.length).toBe(attributeTagBytes);
    expect(readAttributeTag(said)).toEqual({
      attributes: attribute.directory | attribute.reparsePoint,
      tag: 0xa0000003,
    });
  });

  test('FILE_FS_FULL_SIZE_INFORMATION: what this user may still write', () => {
    const said = bytes('0000000001000000 0000100000000000 0000200000000000 08000000 00020000');
    expect(said.length).toBe(fullSizeBytes);
    expect(readFreeBytes(said)).toBe(0x100000 * 8 * 512);
    expect(readDeviceType(bytes('07000000 20000000'))).toBe(7);
  });

  test('FILE_NAMES_INFORMATION as a listing gives it', () => {
    const listed = bytes(`
      10000000 00000000 02000000 2e00 0000
      10000000 00000000 04000000 2e002e00
      18000000 00000000 06000000 630063006300 000000000000
      00000000 00000000 04000000 00d8e400`);
    expect(readNames(listed)).toEqual(['ccc', '\ud800ä']);
  });

  test('FILE_STREAM_INFORMATION without the contents themselves', () => {
    const listed = bytes(`
      28000000 0e000000 0b00000000000000 0010000000000000 3a003a00240044004100540041000000
      00000000 08000000 1a00000000000000 2000000000000000 3a0061003a006200`);
    expect(readStreams(listed)).toEqual([{ name: ':a:b', size: 26n }]);
    expect(readStreams(new Uint8Array())).toEqual([]);
  });

  test('a listing that is cut short is no listing', () => {
    expect(() => readNames(bytes('00000000 00000000 08000000 6100'))).toThrow(RangeError);
  });
});
