import { describe, expect, test } from 'bun:test';
import { advancedSignature } from '#core/verbs/authenticate-key.ts';

describe('the signature of an advanced key', () => {
  test("is the one of the vendor's published test vector", () => {
    const nonce = 'b5834c137a825cc6c80111f237e1c5f8dedeef5df9dcd4c7f1dc73f180c89b47';
    expect(advancedSignature('testApiKey', nonce, '1584983036945')).toBe(
      '8eb5e56a1656a35c9d187762d945339455b5382e11d779c458a63c652e1e79e9',
    );
  });
});
