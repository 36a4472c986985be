/** Pictures that a slider in the page goes through, without a kernel and without anything from elsewhere. */
import type { MimeBundle } from '../../kernel/services';
import { escapeXml } from '../../plots/escape';
import { OptionError } from '../../util/errors';

export interface Frame {
  /** What the control stands at. */
  label: string;
  /** A display with a picture in it. */
  bundle: MimeBundle;
}

/**
 * @param label of the control
 * @returns HTML with all frames and, where scripts may not run or HTML is not shown, the middle one
 * @throws OptionError when a frame holds no picture
 */
export function framesBundle(label: string, frames: readonly Frame[]): MimeBundle {
  const pictures = frames.map(({ label: value, bundle }) => ({ value, source: sourceOf(bundle) }));
  const middle = Math.floor(frames.length / 2);
  const { value, source } = pictures[middle];
  // in a script only "<" could end it early
  const data = JSON.stringify(pictures).replaceAll('<', '\\u003c');
  const { bundle } = frames[middle];
  const png = bundle['image/png'];
  return {
    // the attribute keeps JupyterLab from taking arrow keys for its own shortcuts
    'text/html': `<div>
<label>${escapeXml(label)} <input type="range" data-lm-suppress-shortcuts="true" min="0" max="${frames.length - 1}" step="1" value="${middle}" style="width:18em;vertical-align:middle"> <output>${escapeXml(value)}</output></label><br>
<img alt="${escapeXml(`${label} ${value}`)}" src="${escapeXml(source)}" style="max-width:100%">
<script>
(() => {
  const frames = ${data};
  const figure = document.currentScript.parentElement;
  const [input, output, image] = ['input', 'output', 'img'].map((name) => figure.querySelector(name));
  input.addEventListener('input', () => {
    const { value, source } = frames[input.value];
    output.textContent = value;
    image.src = source;
    image.alt = ${JSON.stringify(label).replaceAll('<', '\\u003c')} + ' ' + value;
  });
})();
</script>
</div>`,
    ...(png === undefined ? {} : { 'image/png': png }),
    'text/plain': `${label}: ${frames.map((frame) => frame.label).join(', ')} (pictures for a page with scripts; shown: ${value})`,
  };
}

function sourceOf(bundle: MimeBundle): string {
  const { 'image/png': png, 'image/jpeg': jpeg, 'image/svg+xml': svg } = bundle;
  if (png !== undefined) return `data:image/png;base64,${base64(png)}`;
  if (jpeg !== undefined) return `data:image/jpeg;base64,${base64(jpeg)}`;
  if (typeof svg === 'string') return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  throw new OptionError(
    `interact: frames need pictures, got a value that shows ${Object.keys(bundle).join(', ')}; draw a PNG or a chart`,
  );
}

/** Displays hold bytes or, once encoded, their text. */
function base64(content: unknown): string {
  return content instanceof Uint8Array ? Buffer.from(content).toString('base64') : String(content);
}
