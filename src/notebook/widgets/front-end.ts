/** What runs in the browser: one small module for anywidget's front end that draws every kind of control. */

/** Texts reach the page as text nodes and properties only, so nothing in them is taken for HTML. */
export const frontEndModule = `
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** Sends a value to the kernel; what comes meanwhile waits there, and only the latest of it is sent. */
function send(model, value) {
  model.set('value', value);
  model.save_changes();
}

const controls = {
  slider(model) {
    const [min, max, step] = ['min', 'max', 'step'].map((name) => model.get(name));
    const input = make('input', { type: 'range', min, max, step });
    const output = make('output');
    const show = () => {
      input.value = model.get('value');
      output.textContent = model.get('value').toFixed(model.get('digits'));
    };
    input.addEventListener('input', () => send(model, input.valueAsNumber));
    return { parts: [input, output], show };
  },
  dropdown(model) {
    const options = model.get('options').map((text, i) => make('option', { value: i, textContent: text }));
    const select = make('select');
    select.append(...options);
    select.addEventListener('change', () => send(model, select.selectedIndex));
    return { parts: [select], show: () => (select.selectedIndex = model.get('value')) };
  },
  checkbox(model) {
    const input = make('input', { type: 'checkbox' });
    input.addEventListener('change', () => send(model, input.checked));
    return { parts: [input], show: () => (input.checked = model.get('value')) };
  },
  button(model) {
    const button = make('button', { type: 'button', textContent: model.get('label') });
    button.addEventListener('click', () => model.send({ event: 'click' }));
    return { parts: [button], show() {} };
  },
  image(model) {
    const image = make('img', { alt: model.get('label') });
    const show = () => {
      URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(new Blob([model.get('value')], { type: model.get('mime') }));
    };
    return { parts: [image], show };
  },
};

function render({ model, el }) {
  const kind = model.get('kind');
  const { parts, show } = controls[kind](model);
  const hasLabel = kind !== 'button' && kind !== 'image' && model.get('label');
  const row = make(hasLabel ? 'label' : 'div', { className: 'lch-control' });
  if (hasLabel) row.append(make('span', { textContent: model.get('label') }));
  row.append(...parts);
  // JupyterLab would take arrow keys for its own shortcuts
  for (const part of parts) part.setAttribute('data-lm-suppress-shortcuts', 'true');
  el.append(row);
  show();
  model.on('change:value', show);
  return () => model.off('change:value', show);
}

export default { render };
`;

export const frontEndStyle = `
.lch-control { display: flex; align-items: center; gap: 0.75em; margin: 2px 0; font-size: var(--jp-ui-font-size1, 13px); }
.lch-control > span { min-width: 6em; }
.lch-control > input[type='range'] { width: 18em; }
.lch-control > output { min-width: 4em; font-variant-numeric: tabular-nums; }
.lch-control > img { max-width: 100%; image-rendering: pixelated; }
`;
