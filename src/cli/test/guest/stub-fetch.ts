/** Answers a request in place of the network. */
type Responder = (request: Request) => Response | Promise<Response>;

interface FetchStub {
  /** The requests that were sent, in order. */
  readonly requests: Request[];
}

/**
 * Replaces the global `fetch` for the rest of this test: a test is an execution of its own, so no other one sees it. The
 * responder gets each request; what it throws is what `fetch` rejects with.
 */
export function stubFetch(respond: Responder): FetchStub {
  const requests: Request[] = [];
  globalThis.fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input as Request, init);
    requests.push(request.clone());
    request.signal.throwIfAborted();
    const response = await respond(request);
    if (!(response instanceof Response)) throw new TypeError('stubFetch: the responder must return a Response');
    return response;
  };
  return { requests };
}
