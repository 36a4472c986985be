/** The controls: slider, drop-down, check box, button and image. They live in the kernel; the browser shows them. */
import { DISPLAY_METHOD } from '../../kernel/format-value';
import type { KernelServices, MimeBundle } from '../../kernel/services';
import { escapeXml } from '../../plots/escape';
import { OptionError } from '../../util/errors';
import { displayImage } from '../displays/image';
import { WidgetModel } from './widget-model';

/** Something with a value that the user can change. */
export interface Control<T> {
  /** Setting it moves the control in the browser, and does not call the handlers. */
  value: T;
  /** Stands before it; taken from `interact` where none is given. */
  label: string;
  /** Calls `handler` whenever the user changes the value. Gives the control back. */
  onChange(handler: (value: T) => void | Promise<void>): this;
  /** Values to draw ahead, for notebooks that are read without a kernel. */
  samples(most: number): T[];
  /** A value in words. */
  describe(value: T): string;
  [DISPLAY_METHOD](): MimeBundle;
}

export interface Button {
  readonly label: string;
  onClick(handler: () => void | Promise<void>): this;
  [DISPLAY_METHOD](): MimeBundle;
}

export interface Picture {
  /** Bytes of a PNG, JPEG, GIF or WebP file; setting them changes the picture in the browser. */
  value: Uint8Array;
  [DISPLAY_METHOD](): MimeBundle;
}

export interface SliderOptions {
  label?: string;
  min: number;
  max: number;
  /** A hundredth of the way by default. */
  step?: number;
  /** Where it starts; the middle by default. */
  value?: number;
}

export interface DropdownOptions<T> {
  label?: string;
  options: readonly T[];
  /** The first by default. */
  value?: T;
}

export interface CheckboxOptions {
  label?: string;
  value?: boolean;
}

/** How a kind of control is stored in the browser's half. */
interface Kind<T> {
  kind: string;
  label: string;
  value: T;
  /** Other state of the browser's half. */
  state: Record<string, unknown>;
  toBrowser(value: T): unknown;
  /** undefined for what is no value of this control. */
  fromBrowser(value: unknown): T | undefined;
  describe(value: T): string;
  samples(most: number): T[];
}

/** The functions that cells call. */
export function makeControls(kernel: KernelServices) {
  return {
    slider: (options: SliderOptions) => control(kernel, sliderKind(options)),
    dropdown: <T>(options: DropdownOptions<T>) => control(kernel, dropdownKind(options)),
    checkbox: (options: CheckboxOptions = {}) => control(kernel, checkboxKind(options)),
    button: (label: string) => button(kernel, label),
    image: (bytes: Uint8Array, label = '') => image(kernel, bytes, label),
  };
}

function sliderKind({ label = '', min, max, step = (max - min) / 100, value }: SliderOptions): Kind<number> {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min < max && step > 0)) {
    throw new OptionError(
      `slider needs min < max and a step above 0, got min ${min}, max ${max}, step ${step}`,
    );
  }
  const digits = digitsOf(step);
  const steps = Math.floor((max - min) / step + 1e-9);
  /** The nearest place where the browser's slider can stand. */
  const snap = (wanted: number) => {
    const place = Math.max(0, Math.min(steps, Math.round((wanted - min) / step)));
    return Number((min + place * step).toFixed(Math.max(digits, digitsOf(min))));
  };
  return {
    kind: 'slider',
    label,
    value: snap(value ?? (min + max) / 2),
    state: { min, max, step, digits },
    toBrowser: snap,
    fromBrowser: (given) => (typeof given === 'number' && Number.isFinite(given) ? snap(given) : undefined),
    describe: (given) => given.toFixed(digits),
    samples: (most) => {
      const count = Math.max(2, Math.min(most, steps + 1));
      return Array.from({ length: count }, (_, i) => snap(min + ((max - min) * i) / (count - 1)));
    },
  };
}

/** Decimal places of 0.25: 2. */
function digitsOf(value: number): number {
  const [, decimals = ''] = String(Number(value.toPrecision(6))).split('.');
  return Math.min(6, decimals.length);
}

function dropdownKind<T>({ label = '', options, value = options[0] }: DropdownOptions<T>): Kind<T> {
  if (options.length === 0 || !options.includes(value)) {
    throw new OptionError(
      `dropdown needs at least one option and a value among them, got ${String(value)} of ${options.length}`,
    );
  }
  return {
    kind: 'dropdown',
    label,
    value,
    state: { options: options.map(String) },
    toBrowser: (given) => Math.max(0, options.indexOf(given)),
    fromBrowser: (given) => (typeof given === 'number' ? options[given] : undefined),
    describe: String,
    samples: (most) => options.slice(0, most),
  };
}

function checkboxKind({ label = '', value = false }: CheckboxOptions): Kind<boolean> {
  return {
    kind: 'checkbox',
    label,
    value,
    state: {},
    toBrowser: (given) => given,
    fromBrowser: (given) => (typeof given === 'boolean' ? given : undefined),
    describe: (given) => (given ? 'on' : 'off'),
    samples: () => [false, true],
  };
}

function control<T>(kernel: KernelServices, kind: Kind<T>): Control<T> {
  const { toBrowser, fromBrowser, describe, samples } = kind;
  const handlers: ((value: T) => void | Promise<void>)[] = [];
  let current = kind.value;
  const model = new WidgetModel(
    kernel,
    { kind: kind.kind, label: kind.label, ...kind.state, value: toBrowser(current) },
    {
      onValue: async (given) => {
        const value = fromBrowser(given);
        if (value === undefined) return;
        current = value;
        model.remember('value', toBrowser(value));
        for (const handler of handlers) await handler(value);
      },
    },
  );
  return {
    get label() {
      return String(model.get('label'));
    },
    set label(label) {
      model.set('label', label);
    },
    get value() {
      return current;
    },
    set value(value) {
      model.set('value', toBrowser(value));
      current = fromBrowser(toBrowser(value)) ?? current;
    },
    onChange(handler) {
      handlers.push(handler);
      return this;
    },
    samples,
    describe,
    [DISPLAY_METHOD]() {
      return model.view(textFallback(kind.kind, this.label, describe(current)));
    },
  };
}

function button(kernel: KernelServices, label: string): Button {
  const handlers: (() => void | Promise<void>)[] = [];
  const model = new WidgetModel(
    kernel,
    { kind: 'button', label },
    {
      onClick: async () => {
        for (const handler of handlers) await handler();
      },
    },
  );
  return {
    label,
    onClick(handler) {
      handlers.push(handler);
      return this;
    },
    [DISPLAY_METHOD]: () => model.view(textFallback('button', label, '')),
  };
}

function image(kernel: KernelServices, bytes: Uint8Array, label: string): Picture {
  const mimeOf = (given: Uint8Array) => {
    const bundle = displayImage(given);
    const mime = bundle && Object.keys(bundle).find((name) => name.startsWith('image/'));
    if (!mime) throw new OptionError('image needs the bytes of a PNG, JPEG, GIF or WebP file');
    return mime;
  };
  const model = new WidgetModel(kernel, { kind: 'image', label, mime: mimeOf(bytes), value: bytes }, {});
  return {
    get value() {
      return model.get('value') as Uint8Array;
    },
    set value(given) {
      const mime = mimeOf(given);
      if (mime !== model.get('mime')) model.set('mime', mime);
      model.set('value', given);
    },
    [DISPLAY_METHOD]() {
      const mime = String(model.get('mime'));
      return model.view({ [mime]: this.value, 'text/plain': `image${label && ` "${label}"`}` });
    },
  };
}

function textFallback(kind: string, label: string, value: string): MimeBundle {
  const text = [label || kind, value].filter(Boolean).join(': ');
  return {
    'text/plain': `${kind} "${label}"${value && `: ${value}`}`,
    'text/html': `<p>${escapeXml(text)}</p>`,
  };
}
