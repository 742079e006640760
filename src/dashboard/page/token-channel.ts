import { request } from './api.ts';
import { storedToken } from './token.ts';

/** Between the tabs of an origin, which a port is part of. */
const CHANNEL = 'copepod-token';

type Message = { readonly type: 'wanted' } | { readonly type: 'token'; readonly token: string };

/**
 * Gives the token of this tab to tabs of the same dashboard that ask for it: those that a link was opened in.
 * @returns ends it
 */
export function giveToken(): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    const token = storedToken();
    if (data.type !== 'wanted' || token === undefined) return;
    // A tab that is in the background may not know yet that another dashboard is at this port now.
    request('/api/session').then(
      () => channel.postMessage({ type: 'token', token } satisfies Message),
      () => {},
    );
  };
  return () => channel.close();
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
