/** Comms: two-way channels between code in the kernel and parts of the front end, widgets above all. */
import { randomUUID } from 'node:crypto';
import type { OutgoingOptions } from './protocol/channels';
import type { Content, Message } from './protocol/message';
import { type CellContext, currentCell } from './run/cell-context';
import type { Comm } from './services';

type OnOpen = (comm: Comm, data: Content, buffers: readonly Uint8Array[]) => void;
type Publish = (type: string, content: Content, parent: Message['parent'], options?: OutgoingOptions) => void;

interface OpenComm {
  comm: Comm;
  /** The cell that opened it; its handlers write there. */
  cell: CellContext | undefined;
}

export class Comms {
  private readonly open = new Map<string, OpenComm>();
  private readonly targets = new Map<string, OnOpen>();

  constructor(private readonly publish: Publish) {}

  registerTarget(name: string, onOpen: OnOpen): void {
    this.targets.set(name, onOpen);
  }

  openComm(targetName: string, data: Content, options?: OutgoingOptions): Comm {
    const comm = this.createComm(randomUUID(), targetName);
    this.open.set(comm.id, { comm, cell: currentCell() });
    this.send('comm_open', { comm_id: comm.id, target_name: targetName, data }, options);
    return comm;
  }

  /** Open comms by id, as comm_info_reply lists them. */
  info(targetName?: string): Record<string, { target_name: string }> {
    const listed = [...this.open.values()].filter(
      ({ comm }) => targetName === undefined || comm.targetName === targetName,
    );
    return Object.fromEntries(listed.map(({ comm }) => [comm.id, { target_name: comm.targetName }]));
  }

  /** The cell that opened a comm. */
  cellOf(id: string): CellContext | undefined {
    return this.open.get(id)?.cell;
  }

  /** Takes comm_open, comm_msg and comm_close from the front end. Messages to unknown comms are ignored, as the protocol asks. */
  async receive({ header, content, buffers }: Message): Promise<void> {
    const id = String(content.comm_id);
    const data = (content.data ?? {}) as Content;
    if (header.msg_type === 'comm_open') {
      const targetName = String(content.target_name);
      const onOpen = this.targets.get(targetName);
      const comm = this.createComm(id, targetName);
      if (!onOpen) return comm.close();
      this.open.set(id, { comm, cell: currentCell() });
      return onOpen(comm, data, buffers);
    }
    const comm = this.open.get(id)?.comm;
    if (!comm) return;
    if (header.msg_type === 'comm_msg') return comm.onMessage?.(data, buffers);
    this.open.delete(id);
    await comm.onClose?.(data);
  }

  private createComm(id: string, targetName: string): Comm {
    return {
      id,
      targetName,
      send: (data, options) => this.send('comm_msg', { comm_id: id, data }, options),
      close: (data = {}) => {
        this.open.delete(id);
        this.send('comm_close', { comm_id: id, data });
      },
    };
  }

  /** Widgets match what they hear with what they sent, so the parent is the message that is being handled. */
  private send(type: string, content: Content, options?: OutgoingOptions): void {
    this.publish(type, content, currentCell()?.request.header ?? {}, options);
  }
}
