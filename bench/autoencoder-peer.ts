import type { Architecture } from '../src/autoencoder/architecture';
import type { Precision } from '../src/compute';
import { PythonPeer } from './python-peer';

/** What PyTorch is asked to do, with whose sizes. */
export interface PeerTask {
  task: 'step' | 'encode' | 'decode' | 'memory';
  architecture: Architecture;
  batch: number;
  precision: Precision;
  channelsLast: boolean;
  device: 'cpu' | 'cuda';
}

/** bench/autoencoder_peer.py: the same network in PyTorch. */
export class AutoencoderPeer {
  private readonly peer: PythonPeer;
  /** Name and version, and whether it sees a GPU. */
  readonly about: Promise<{ version: string; cuda: boolean }>;

  constructor(threads: number) {
    this.peer = new PythonPeer('autoencoder_peer.py', ['torch'], [String(threads)]);
    this.about = this.peer.line().then((line) => JSON.parse(line));
  }

  /** Seconds of one call (the first of a task builds and warms up), or the process's peak megabytes for `memory`. */
  async ask({ architecture, ...task }: PeerTask): Promise<number> {
    await this.about;
    const answer = JSON.parse(await this.peer.ask(JSON.stringify({ ...task, ...architecture })));
    return answer.seconds ?? answer.megabytes;
  }

  close(): void {
    this.peer.close();
  }
}
