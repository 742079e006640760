# workerd with one service: a worker that loads the worker it is handed, in a new isolate for each request.
# Two configurations: `get` gives each an id of its own, `load` makes one-off workers that the loader does not keep.
using Workerd = import "/workerd/workerd.capnp";

const get :Workerd.Config = (
  services = [ (name = "main", worker = .withId) ],
  sockets = [ .loopback ],
);

const load :Workerd.Config = (
  services = [ (name = "main", worker = .oneOff) ],
  sockets = [ .loopback ],
);

const loopback :Workerd.Socket = (name = "http", address = "127.0.0.1:0", http = (), service = "main");

const withId :Workerd.Worker = (
  modules = [ (name = "main.js", esModule = embed "get.js") ],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["experimental"],
  bindings = [ (name = "loader", workerLoader = ()) ],
);

const oneOff :Workerd.Worker = (
  modules = [ (name = "main.js", esModule = embed "load.js") ],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["experimental"],
  bindings = [ (name = "loader", workerLoader = ()) ],
);
