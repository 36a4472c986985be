/**
 * The connection file: addresses and key that a Jupyter client hands to the kernel. Whoever can read it can run code here, so it is
 * checked before anything listens.
 */
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { DataError, messageOf } from '../../util/errors';
import type { Signing } from './message';

export interface Connection {
  transport: 'tcp' | 'ipc';
  ip: string;
  signing: Signing;
  ports: Record<ChannelName, number>;
}

export type ChannelName = 'shell' | 'iopub' | 'stdin' | 'control' | 'hb';

const CHANNELS: readonly ChannelName[] = ['shell', 'iopub', 'stdin', 'control', 'hb'];
const LOOPBACK = /^(127(\.\d+){3}|::1|\[::1\]|localhost)$/;

/**
 * Reads and checks a connection file. Access by other users of the machine is taken away; what cannot be made safe is refused.
 *
 * `LCH_KERNEL_REMOTE=1` allows other addresses than loopback, `LCH_KERNEL_UNSIGNED=1` an empty key.
 *
 * @throws DataError when the file is unreadable, incomplete or unsafe
 */
export function readConnectionFile(path: string, environment: NodeJS.ProcessEnv = process.env): Connection {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new DataError(
      `lch kernel needs a readable connection file, got ${path}: ${messageOf(error)}; let Jupyter start the kernel`,
      { cause: error },
    );
  }
  const { transport = 'tcp', ip, key = '', signature_scheme: scheme = 'hmac-sha256' } = fields;
  if (transport !== 'tcp' && transport !== 'ipc') {
    throw new DataError(`lch kernel: ${path} names the transport "${transport}"; use tcp or ipc`);
  }
  if (typeof ip !== 'string' || typeof key !== 'string' || typeof scheme !== 'string') {
    throw new DataError(`lch kernel: ${path} lacks ip, key or signature_scheme; let Jupyter write it`);
  }
  const ports = {} as Record<ChannelName, number>;
  for (const channel of CHANNELS) {
    const port = fields[`${channel}_port`];
    if (typeof port !== 'number') {
      throw new DataError(`lch kernel: ${path} lacks ${channel}_port; let Jupyter write it`);
    }
    ports[channel] = port;
  }
  if (transport === 'tcp' && !LOOPBACK.test(ip) && environment.LCH_KERNEL_REMOTE !== '1') {
    throw new DataError(
      `lch kernel listens on this machine only, but ${path} asks for ${ip}; use 127.0.0.1, or set LCH_KERNEL_REMOTE=1 if the network is trusted`,
    );
  }
  if (key === '' && environment.LCH_KERNEL_UNSIGNED !== '1') {
    throw new DataError(
      `lch kernel runs signed messages only, but the key in ${path} is empty; set a key, or LCH_KERNEL_UNSIGNED=1`,
    );
  }
  if (process.platform !== 'win32') keepPrivate(path);
  return { transport, ip, signing: { key, scheme }, ports };
}

/** Address of a channel for ZeroMQ. */
export function addressOf(connection: Connection, channel: ChannelName): string {
  const separator = connection.transport === 'tcp' ? ':' : '-';
  return `${connection.transport}://${connection.ip}${separator}${connection.ports[channel]}`;
}

/** The key lies in the file: nobody but its owner may read it. Some clients write it readable for all, so it is mended first. */
function keepPrivate(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    throw new DataError(
      `lch kernel: other users can read the key in ${path}, and it cannot be made private (${messageOf(error)}); run chmod 600 on it`,
      { cause: error },
    );
  }
}
