/**
 * Is fulfilled once the process whose inspector listens at a URL waits for a debugger, or has ended. Node listens first and waits afterwards: a
 * debugger that attaches in between tells it not to wait before it does, and the script then never starts.
 */
export function waitsForDebugger(url: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'NodeRuntime.enable' }));
  socket.onmessage = ({ data }) => {
    const { method } = JSON.parse(String(data)) as { readonly method?: string };
    if (method === 'NodeRuntime.waitingForDebugger') socket.close();
  };
  socket.onclose = () => resolve();
  return promise;
}
