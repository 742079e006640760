// Loads the worker from the request under a new id: a new isolate.
let loaded = 0;

export default {
  async fetch(request, { loader }) {
    const { module, params } = await request.json();
    const worker = loader.get(`worker-${++loaded}`, () => ({
      compatibilityDate: '2026-01-01',
      mainModule: 'main.js',
      modules: { 'main.js': module },
      globalOutbound: null,
    }));
    return worker.getEntrypoint().fetch('http://worker/', { method: 'POST', body: JSON.stringify(params) });
  },
};
