// An extension for the JupyterLab test: a slider of the widgets' front end, driven from TypeScript.
exports.loadExtension = (kernel) => ({
  globals: {
    values: {
      slider(onChange) {
        const open = (state) =>
          kernel.openComm(
            'jupyter.widget',
            {
              state: {
                _model_module_version: '2.0.0',
                _view_module_version: '2.0.0',
                _view_count: null,
                ...state,
              },
              buffer_paths: [],
            },
            { metadata: { version: '2.1.0' } },
          );
        const layout = open({
          _model_name: 'LayoutModel',
          _model_module: '@jupyter-widgets/base',
          _view_name: 'LayoutView',
          _view_module: '@jupyter-widgets/base',
        });
        const style = open({
          _model_name: 'SliderStyleModel',
          _model_module: '@jupyter-widgets/controls',
          _view_name: 'StyleView',
          _view_module: '@jupyter-widgets/base',
        });
        const comm = open({
          _model_name: 'IntSliderModel',
          _model_module: '@jupyter-widgets/controls',
          _view_name: 'IntSliderView',
          _view_module: '@jupyter-widgets/controls',
          layout: `IPY_MODEL_${layout.id}`,
          style: `IPY_MODEL_${style.id}`,
          value: 5,
          min: 0,
          max: 10,
          step: 1,
          description: 'shift',
        });
        comm.onMessage = (data) => {
          if (data.method !== 'update') return;
          comm.send({ method: 'echo_update', state: data.state, buffer_paths: [] });
          if ('value' in data.state) onChange(data.state.value);
        };
        return {
          [Symbol.for('Jupyter.display')]: () => ({
            'application/vnd.jupyter.widget-view+json': {
              version_major: 2,
              version_minor: 0,
              model_id: comm.id,
            },
            'text/plain': 'slider at 5',
          }),
        };
      },
    },
    declarations: 'declare function slider(onChange: (value: number) => void): object;',
  },
});
