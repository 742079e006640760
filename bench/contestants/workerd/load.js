// Loads the worker from the request as a one-off: a new isolate that the loader does not keep.
export default {
  async fetch(request, { loader }) {
    const { module, params } = await request.json();
    const worker = loader.load({
      compatibilityDate: '2026-01-01',
      mainModule: 'main.js',
      modules: { 'main.js': module },
      globalOutbound: null,
    });
    return worker.getEntrypoint().fetch('http://worker/', { method: 'POST', body: JSON.stringify(params) });
  },
};
