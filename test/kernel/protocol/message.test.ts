import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageReader, newMessage, toFrames } from '../../../src/kernel/protocol/message';

const signing = { key: 'secret', scheme: 'hmac-sha256' };
const asBuffers = (frames: readonly (string | Uint8Array)[]) => frames.map((frame) => Buffer.from(frame));
const frames = (buffers: Uint8Array[] = []) =>
  asBuffers(
    toFrames(
      signing,
      newMessage('s', 'execute_request', { code: '😀' }, {}, { identities: [Buffer.from('me')], buffers }),
    ),
  );
const reason = (read: () => unknown) => {
  try {
    read();
  } catch (error) {
    return (error as { reason?: string }).reason;
  }
  return undefined;
};

describe('a message of the wire protocol', () => {
  it('comes back as it was sent, with identities and binary buffers', () => {
    const read = new MessageReader(signing).read(frames([Uint8Array.of(0, 255), Uint8Array.of()]));
    assert.equal(read.header.msg_type, 'execute_request');
    assert.deepEqual(read.content, { code: '😀' });
    assert.equal(String(read.identities[0]), 'me');
    assert.deepEqual(
      read.buffers.map((buffer) => [...buffer]),
      [[0, 255], []],
    );
  });

  it("is signed as Python's hmac module signs it", () => {
    // python3 -c "import hmac; print(hmac.new(b'secret', b'{}{}{}{}', 'sha256').hexdigest())"  (Python 3.11)
    const message = { ...newMessage('s', 't', {}, {}), header: {} as never };
    assert.equal(
      toFrames(signing, message)[1],
      '34982f0bfec60e7b933ffde06c1ecab0fba073717a95ab943d1dd06f82c2d5e4',
    );
  });

  it('is rejected with a changed part, another key, or no signature', () => {
    const changed = frames();
    changed[6] = Buffer.from('{"code":"evil"}');
    assert.equal(
      reason(() => new MessageReader(signing).read(changed)),
      'signature',
    );
    assert.equal(
      reason(() => new MessageReader({ ...signing, key: 'other' }).read(frames())),
      'signature',
    );
    const unsigned = frames();
    unsigned[2] = Buffer.from('');
    assert.equal(
      reason(() => new MessageReader(signing).read(unsigned)),
      'signature',
    );
  });

  it('is rejected the second time', () => {
    const reader = new MessageReader(signing);
    const sent = frames();
    reader.read(sent);
    assert.equal(
      reason(() => reader.read(sent)),
      'replay',
    );
  });

  it('is rejected when it is no message', () => {
    const reader = new MessageReader({ key: '', scheme: 'hmac-sha256' });
    assert.equal(
      reason(() => reader.read([Buffer.from('x')])),
      'malformed',
    );
    assert.equal(
      reason(() => reader.read([])),
      'malformed',
    );
    const parts = ['<IDS|MSG>', '', '[]', '{}', '{}', '{}'].map((part) => Buffer.from(part));
    assert.equal(
      reason(() => reader.read(parts)),
      'malformed',
    );
  });
});
