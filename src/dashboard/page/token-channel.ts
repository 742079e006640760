import { request } from './api.ts';
import { storedToken } from './token.ts';

/** Between the tabs of an origin, which a port is part of. */
const CHANNEL = 'copepod-token';

type Message = { readonly type: 'wanted' } | { readonly type: 'token'; readonly token: string };

/**
 * Gives the token of this tab, which is signed in, to the tabs of the same dashboard that wait for one, and to those that ask for it
 * later: a link was opened in them.
 * @returns ends it
 */
export function giveToken(): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  let isClosed = false;
  const give = (): void => {
    const token = storedToken();
    if (token !== undefined && !isClosed) channel.postMessage({ type: 'token', token } satisfies Message);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    // A tab that is in the background may not know yet that another dashboard is at this port now.
    if (data.type === 'wanted') request('/api/session').then(give, () => {});
  };
  give();
  return () => {
    isClosed = true;
    channel.close();
  };
}

/**
 * Asks the other tabs of this dashboard for a token.
 * @param onToken called for each tab that gives one
 * @returns ends it
 */
export function askForToken(onToken: (token: string) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === 'token') onToken(data.token);
  };
  channel.postMessage({ type: 'wanted' } satisfies Message);
  return () => channel.close();
}
