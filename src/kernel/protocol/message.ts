/**
 * One message of the Jupyter wire protocol: how it lies in ZeroMQ frames, and its signature.
 *
 * Source: "Messaging in Jupyter", section The Wire Protocol (jupyter-client documentation, protocol 5.3/5.4).
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export const PROTOCOL_VERSION = '5.3';

export interface MessageHeader {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** JSON content of a message; each handler reads the fields that its message type has. */
export type Content = Record<string, unknown>;

export interface Message {
  /** ZeroMQ routing prefix of the client (shell, control, stdin), or the topic (iopub). */
  identities: Uint8Array[];
  header: MessageHeader;
  /** Header of the message this one answers; empty when there is none. */
  parent: MessageHeader | Record<string, never>;
  metadata: Content;
  content: Content;
  buffers: Uint8Array[];
}

/** Key and digest of the connection file. An empty key means unsigned messages. */
export interface Signing {
  key: string;
  /** Such as `hmac-sha256`. */
  scheme: string;
}

const DELIMITER = Buffer.from('<IDS|MSG>');

/** A message that must not be acted on; `reason` is counted. */
export class RejectedMessage extends Error {
  constructor(readonly reason: 'malformed' | 'signature' | 'replay') {
    super(`message rejected: ${reason}`);
  }
}

/**
 * Reads incoming frames. Signatures are compared in constant time, and one that was seen before is a replay.
 */
export class MessageReader {
  /** Latest signatures, oldest first (a Set keeps insertion order). Jupyter's own client library remembers as many. */
  private readonly seen = new Set<string>();
  private static readonly REMEMBERED = 65_536;

  constructor(private readonly signing: Signing) {}

  /** @throws RejectedMessage when the frames are no message, or its signature is missing, wrong or used before */
  read(frames: readonly Uint8Array[]): Message {
    const at = frames.findIndex((frame) => DELIMITER.equals(frame));
    if (at < 0 || frames.length < at + 6) throw new RejectedMessage('malformed');
    const signature = Buffer.from(frames[at + 1]);
    const parts = frames.slice(at + 2, at + 6);
    if (this.signing.key !== '') this.check(signature, parts);
    try {
      const [header, parent, metadata, content] = parts.map((part) =>
        JSON.parse(Buffer.from(part).toString('utf8')),
      );
      if (typeof header?.msg_type !== 'string') throw new RejectedMessage('malformed');
      return {
        identities: frames.slice(0, at),
        header,
        parent,
        metadata,
        content,
        buffers: frames.slice(at + 6),
      };
    } catch {
      throw new RejectedMessage('malformed');
    }
  }

  private check(signature: Buffer, parts: readonly Uint8Array[]): void {
    const expected = Buffer.from(sign(this.signing, parts));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new RejectedMessage('signature');
    }
    const text = signature.toString('latin1');
    if (this.seen.has(text)) throw new RejectedMessage('replay');
    this.seen.add(text);
    if (this.seen.size > MessageReader.REMEMBERED)
      this.seen.delete(this.seen.values().next().value as string);
  }
}

/** Frames of an outgoing message, signed. Text frames stay strings: they cross to the channel thread cheaper than buffers. */
export function toFrames(signing: Signing, message: Message): (string | Uint8Array)[] {
  const parts = [message.header, message.parent, message.metadata, message.content].map((part) =>
    JSON.stringify(part),
  );
  const signature = signing.key === '' ? '' : sign(signing, parts);
  return [...message.identities, '<IDS|MSG>', signature, ...parts, ...message.buffers];
}

/** A new message of this kernel's session. */
export function newMessage(
  session: string,
  type: string,
  content: Content,
  parent: MessageHeader | Record<string, never>,
  options: { identities?: Uint8Array[]; metadata?: Content; buffers?: readonly Uint8Array[] } = {},
): Message {
  return {
    identities: options.identities ?? [],
    header: {
      msg_id: randomUUID(),
      msg_type: type,
      session,
      username: 'kernel',
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    },
    parent,
    metadata: options.metadata ?? {},
    content,
    buffers: [...(options.buffers ?? [])],
  };
}

function sign(signing: Signing, parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac(signing.scheme.replace(/^hmac-/, ''), signing.key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}
