/**
 * The kernel's half of a widget: its state, and the comm that keeps the browser's half equal (Jupyter's widget messages 2.1; anywidget's
 * front end draws it, so no Python takes part).
 */
import type { Comm, KernelServices, MimeBundle } from '../../kernel/services';
import { frontEndModule, frontEndStyle } from './front-end';

/** Plain values, and bytes, which travel beside the message. */
export type WidgetState = Record<string, unknown>;

export interface WidgetEvents {
  /** The user changed the value. It comes as the browser sent it, unchecked. */
  onValue?(value: unknown): void | Promise<void>;
  onClick?(): void | Promise<void>;
}

/** Versions of anywidget's front end that this was written for. */
const anywidget = '~0.11.0';

/** State that all our widgets have: who draws them. */
const frontEnd = {
  _model_module: 'anywidget',
  _model_module_version: anywidget,
  _model_name: 'AnyModel',
  _view_module: 'anywidget',
  _view_module_version: anywidget,
  _view_name: 'AnyView',
  _view_count: null,
  _anywidget_id: 'live-cell-histology',
  _esm: frontEndModule,
  _css: frontEndStyle,
};

export class WidgetModel {
  private comm: Comm | null = null;

  constructor(
    private readonly kernel: KernelServices,
    private readonly state: WidgetState,
    private readonly events: WidgetEvents,
  ) {}

  get(name: string): unknown {
    return this.state[name];
  }

  /** Changes the state here only: the browser has it already. */
  remember(name: string, value: unknown): void {
    this.state[name] = value;
  }

  /** Changes the state here and in the browser. */
  set(name: string, value: unknown): void {
    this.remember(name, value);
    if (this.comm) send(this.comm, 'update', { [name]: value });
  }

  /** What shows the widget. Front ends that know no widgets show the rest. */
  view(fallback: MimeBundle): MimeBundle {
    return {
      'application/vnd.jupyter.widget-view+json': {
        version_major: 2,
        version_minor: 0,
        model_id: this.open().id,
      },
      ...fallback,
    };
  }

  /** The browser hears of a widget when it is first shown. */
  private open(): Comm {
    if (this.comm) return this.comm;
    const { state, buffer_paths, buffers } = splitBytes(this.whole());
    const comm = this.kernel.openComm(
      'jupyter.widget',
      { state, buffer_paths },
      { buffers, metadata: { version: '2.1.0' } },
    );
    comm.onMessage = (data) => this.receive(comm, data);
    comm.onClose = () => {
      this.comm = null;
    };
    this.comm = comm;
    return comm;
  }

  private whole(): WidgetState {
    return { ...frontEnd, ...this.state };
  }

  private receive(comm: Comm, data: Record<string, unknown>): void | Promise<void> {
    if (data.method === 'request_state') {
      return send(comm, 'update', this.whole());
    }
    if (data.method === 'update') {
      const changed = data.state as WidgetState | undefined;
      if (!changed || !('value' in changed)) return;
      // other browsers with the same notebook open learn of it
      send(comm, 'echo_update', { value: changed.value });
      return this.events.onValue?.(changed.value);
    }
    const content = data.content as { event?: unknown } | undefined;
    if (data.method === 'custom' && content?.event === 'click') return this.events.onClick?.();
  }
}

function send(comm: Comm, method: string, changed: WidgetState): void {
  const { state, buffer_paths, buffers } = splitBytes(changed);
  comm.send({ method, state, buffer_paths }, { buffers });
}

function splitBytes(whole: WidgetState) {
  const entries = Object.entries(whole);
  const bytes = entries.filter((entry): entry is [string, Uint8Array] => entry[1] instanceof Uint8Array);
  return {
    state: Object.fromEntries(entries.filter(([, value]) => !(value instanceof Uint8Array))),
    buffer_paths: bytes.map(([name]) => [name]),
    buffers: bytes.map(([, value]) => value),
  };
}
